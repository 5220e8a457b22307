import EventStreamServer
import Glibc
import TestSupport
import Testing

/// Subscribers who do not behave: the slow, and those who leave.
@Suite(.paced, .timeLimit(.minutes(3)))
struct SubscriberTests {
  @Test func slowSubscriberDelaysNobodyAndGetsTheLatest() async throws {
    let it = try Fixture(history: .init(events: 8))
    let slow = try await it.subscriber(receiveBuffer: 2048)
    slow.stopReading()
    let fast = try await it.subscriber()
    #expect(try await fast.body(until: "\n\n") == retryAlone)
    // Far more than the kernel's buffers of both sides hold.
    let payload = String(repeating: "x", count: 4000)
    for number in 1...100 {
      it.channel.publish("\(payload) \(number)")
      // The slow one's thread may be late, and the log have moved on.
      if number == 1 { await it.server.turn() }
      #expect(try await fast.body(until: "\n\n") == frame(number, "\(payload) \(number)"))
    }
    it.channel.publish("last")
    it.channel.finish()
    #expect(try await fast.bodyToEnd() == frame(101, "last"))
    slow.startReading()
    let stream = try await slow.bodyToEnd()
    #expect(stream.hasPrefix(retryAlone + frame(1, "\(payload) 1")))
    #expect(stream.hasSuffix(frame(101, "last")))
    // A gap, but no repetition and no disorder; and each event whole.
    let events = stream.split(separator: "\n\n").dropFirst()
    let numbers = events.compactMap { Int($0.split(separator: "\n")[0].dropFirst("id: E-".count)) }
    #expect(numbers.count == events.count && numbers.count < 100)
    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
    #expect(events.dropLast().allSatisfy { $0.utf8.count > payload.utf8.count })
    await it.server.stop()
  }

  /// Over a network the second of two events would come a round trip late, or more.
  @Test(arguments: [true, false]) func noEventWaitsForTheAcknowledgementOfAnother(direct: Bool) async throws {
    let it = try Fixture(configured { $0.writesDirectly = direct })
    let subscriber = try await it.subscriber()
    _ = try await subscriber.body(until: "\n\n")
    let descriptor = try #require(Descriptors.end(of: it.port, connectedTo: subscriber.localPort))
    var isUndelayed: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    #expect(getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isUndelayed, &length) == 0)
    #expect(isUndelayed != 0)
    it.channel.finish()
    await it.server.stop()
  }

  @Test func eventBeingSentOutlivesTheHistory() async throws {
    let it = try Fixture(history: .init(events: 1))
    let slow = try await it.subscriber(receiveBuffer: 2048)
    _ = try await slow.body(until: "\n\n")
    slow.stopReading()
    let large = String(repeating: "0123456789", count: 50_000)
    it.channel.publish(large)
    await it.server.turn()
    for number in 2...10 { it.channel.publish("\(number)") }
    it.channel.finish()
    await it.server.turn()
    slow.startReading()
    #expect(try await slow.bodyToEnd() == frame(1, large) + frame(10, "10"))
    await it.server.stop()
  }

  /// The shortest of some tries: other work on the machine may hold one of them up.
  @Test(arguments: ["close", "reset", "half"])
  func whoLeavesIsReleasedAtOnce(how: String) async throws {
    let it = try Fixture()
    var shortest = Duration.seconds(60)
    for _ in 1...5 {
      let client = try await it.subscriber()
      _ = try await client.body(until: "\n\n")
      #expect(it.server.subscriberCount == 1)
      let start = ContinuousClock.now
      switch how {
      case "close": client.close()
      case "reset": client.reset()
      default: client.shutdownWrite()
      }
      await it.until { it.server.subscriberCount == 0 && it.server.connectionCount == 0 }
      shortest = min(shortest, ContinuousClock.now - start)
      if how == "half" { try await client.closedByServer() }
    }
    #expect(shortest < .milliseconds(100))
    await it.server.stop()
  }

  /// libmicrohttpd leaves a connection that its reader ended in a list, if another one was idle for longer.
  @Test(arguments: ["HTTP/1.1", "HTTP/1.0"], [false, true])
  func whatEndsIsReleasedBesideAnIdleConnection(version: String, byServer: Bool) async throws {
    let it = try Fixture()
    let idle = try await RawClient(port: it.port)
    await it.until { it.server.connectionCount == 1 }
    let client = try await it.client(version: version)
    #expect(try await client.response().status == 200)
    _ = try await client.body(until: "\n\n")
    if byServer { it.channel.finish() } else { client.close() }
    await it.until { it.server.subscriberCount == 0 && it.server.connectionCount == 1 }
    #expect(!idle.isClosedByServer)
    await it.server.stop()
  }

  @Test func whoLeavesWithoutReadingIsReleased() async throws {
    let it = try Fixture(history: .init(events: 4))
    let stalled = try await it.subscriber(receiveBuffer: 2048)
    stalled.stopReading()
    it.channel.publish(String(repeating: "x", count: 200_000))
    await it.server.turn()
    stalled.close()
    await it.until { it.server.subscriberCount == 0 && it.server.connectionCount == 0 }
    await it.server.stop()
  }

  /// Where they are few, subscribers do not wait for an answer to be sent to the publisher; where they are many, it does
  /// not wait for them.
  @Test(arguments: [(1, 1), (4, 4), (5, 0)])
  func fewHaveTheEventBeforeItsPublisherHasTheAnswer(subscribers: Int, delivered: UInt64) async throws {
    let server = try HTTPServer(configured { $0.shards = 1 })
    let channel = server.makeChannel(epoch: "E")
    let deliveredBefore = Recorder<UInt64>()
    let port = UInt16(
      try server.start(onAccess: { if $0.method == "POST" { deliveredBefore.append(server.figures.delivered) } }) {
        guard $0.method == "POST" else { return .events(channel) }
        channel.publish("x")
        return Response(status: 202)
      }.port)
    var clients: [RawClient] = []
    for method in Array(repeating: "GET", count: subscribers) + ["POST"] {
      let client = try await RawClient(port: port)
      try await client.send("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await client.response().status == (method == "GET" ? 200 : 202))
      clients.append(client)
    }
    #expect(deliveredBefore.all == [delivered])
    for client in clients.dropLast() { #expect(try await client.body(until: "x\n\n") == retryAlone + frame(1, "x")) }
    await server.stop()
  }

  @Test func channelsOfAServerAreApart() async throws {
    let server = try HTTPServer(fixtureConfiguration)
    let a = server.makeChannel(epoch: "A")
    let b = server.makeChannel(epoch: "B")
    let port = UInt16(try server.start { .events($0.path == "/a" ? a : b) }.port)
    let clientA = try await RawClient(port: port)
    try await clientA.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
    _ = try await clientA.response()
    let clientB = try await RawClient(port: port)
    try await clientB.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
    _ = try await clientB.response()
    a.publish("to a")
    b.publish("to b")
    a.finish()
    b.finish()
    #expect(try await clientA.bodyToEnd() == "retry: 2000\nid: A-0\n\nid: A-1\ndata: to a\n\n")
    #expect(try await clientB.bodyToEnd() == "retry: 2000\nid: B-0\n\nid: B-1\ndata: to b\n\n")
    await server.stop()
  }

  @Test func epochsDiffer() throws {
    let server = try HTTPServer(fixtureConfiguration)
    #expect(server.makeChannel().epoch != server.makeChannel().epoch)
  }
}
