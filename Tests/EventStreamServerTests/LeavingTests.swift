import EventStreamServer
import TestSupport
import Testing

/// Connections that end before their clients have finished, or after they should have.
@Suite(.paced, .timeLimit(.minutes(3)))
struct LeavingTests {
  /// What is still on its way when the answer leaves must not cost the client the answer.
  @Test(arguments: [
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", 403),
    ("GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 9000))", 431),
  ])
  func refusalArrivesThoughMoreIsSent(head: String, status: Int) async throws {
    let it = try Fixture(screen: { _ in Response(status: 403) })
    let client = try await RawClient(port: it.port, reading: false)
    try await client.send(head)
    // It has closed its half.
    try await client.closedByServer()
    for _ in 1...3 {
      try await client.send(String(repeating: "y", count: 50_000))
      await it.server.turn()
    }
    client.startReading()
    #expect(try await client.response().status == status)
    client.close()
    await it.until { it.server.connectionCount == 0 }
    await it.server.stop()
  }

  @Test func refusedClientThatGoesOnIsLeftInTheEnd() async throws {
    let it = try Fixture(screen: { _ in Response(status: 403) })
    let client = try await it.client("POST", fields: "Content-Length: 1000000\r\n")
    #expect(try await client.response().status == 403)
    // It neither closes nor sends.
    await it.until { it.server.connectionCount == 0 }
    await it.server.stop()
  }

  @Test func responseThatIsNotTakenIsCut() async throws {
    let large = [UInt8](repeating: 0x20, count: 8_000_000)
    let it = try Fixture(
      configured {
        $0.requestDeadline = .seconds(1)
        $0.responseDeadline = .seconds(1)
      }
    ) { _, _ in Response(body: large) }
    let client = try await it.client(receiveBuffer: 4096, reading: false)
    try await it.accesses.wait(count: 1)
    await it.until { it.server.connectionCount == 0 }
    client.close()
    await it.server.stop()
  }

  @Test func streamsEndProperlyInNoTimeToo() async throws {
    let it = try Fixture()
    let clients = try await [it.subscriber(), it.subscriber(), it.subscriber(by: .takenOver)]
    for client in clients { #expect(try await client.body(until: "\n\n") == retryAlone) }
    it.channel.publish("last")
    await it.server.stop(within: .zero)
    for client in clients { #expect(try await client.bodyToEnd() == frame(1, "last")) }
  }

  /// A drain that takes its time is cut short by whoever does not want to wait, and clients still get the end.
  @Test func stopWithoutASpreadEndsADrainAtOnce() async throws {
    let it = try Fixture()
    var clients: [RawClient] = []
    for _ in 1...20 { clients.append(try await it.subscriber()) }
    let server = it.server
    async let slow: Void = server.stop(within: .seconds(3600), reconnectionRate: 0.01)
    await it.until { it.server.isDraining }
    await server.stop(within: .seconds(60))
    await slow
    for client in clients { #expect(try await client.bodyToEnd().hasPrefix(retryAlone)) }
  }

  @Test func fieldsOfAStreamMayBeRepeated() async throws {
    let it = try Fixture { _, channel in
      .events(channel, fields: ["Set-Cookie": "a=1", "cache-control": "private", "Set-Cookie": "b=2"])
    }
    let client = try await it.client()
    let response = try await client.response()
    let fields = response.headers.map { "\($0.name.lowercased()): \(String(decoding: $0.value, as: UTF8.self))" }
    #expect(fields.filter { $0.hasPrefix("set-cookie") } == ["set-cookie: a=1", "set-cookie: b=2"])
    #expect(fields.filter { $0.hasPrefix("cache-control") } == ["cache-control: private"])
    await it.server.stop()
  }
}
