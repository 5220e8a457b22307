import EventStreamServer
import TestSupport
import Testing

/// Requests that bring something.
@Suite(.paced, .timeLimit(.minutes(3)))
struct BodyTests {
  /// Answers with the body that came.
  private func echo(_ configuration: HTTPServer.Configuration = fixtureConfiguration) throws -> Fixture {
    try Fixture(configuration) { request, _ in Response(body: request.body) }
  }

  @Test(arguments: [1, 2, 3, 1000])
  func bodyIsTheSameInPiecesOfAnySize(size: Int) async throws {
    let it = try echo()
    let client = try await it.client("POST", fields: "Content-Length: 10\r\n")
    let body = Array("0123456789".utf8)
    for start in stride(from: 0, to: body.count, by: size) {
      try await client.send(Array(body[start..<min(start + size, body.count)]))
      await it.server.turn()
    }
    #expect(try await client.response().status == 200)
    #expect(try await client.bodyToEnd() == "0123456789")
    // The connection is kept.
    try await client.send(
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    #expect(try await client.response().status == 200)
    #expect(try await client.bodyToEnd() == "abcde")
    await it.server.stop()
  }

  @Test func largestBodyIsTakenAndOneByteMoreIs413() async throws {
    let it = try echo(configured { $0.maxBody = 100_000 })
    let body = String(repeating: "x", count: 100_000)
    let client = try await it.client("POST", fields: "Content-Length: 100000\r\n")
    try await client.send(body)
    #expect(try await client.response().status == 200)
    #expect(try await client.bodyToEnd() == body)
    for head in ["Content-Length: 100001\r\n", "Transfer-Encoding: chunked\r\n"] {
      let client = try await it.client("POST", fields: head)
      try await client.send(head.hasPrefix("C") ? body + "y" : "186A1\r\n" + body + "y\r\n0\r\n\r\n")
      let response = try await client.response()
      #expect(response.status == 413)
      #expect(response["Content-Type"] == "application/problem+json")
      try await client.closedByServer()
    }
    await it.server.stop()
  }

  /// However much is taken, a length is judged by that.
  @Test func largeBodiesAreTakenWhereTheyMayCome() async throws {
    let size = 16 * 1024 * 1024 + 1
    let it = try Fixture(configured { $0.maxBody = size }) { request, _ in
      Response(body: Array("\(request.body.count)".utf8))
    }
    let client = try await it.client("POST", fields: "Content-Length: \(size)\r\n")
    try await client.send(Array(repeating: UInt8(ascii: "x"), count: size))
    #expect(try await client.response().status == 200)
    #expect(try await client.bodyToEnd() == "\(size)")
    let larger = try await it.client("POST", fields: "Content-Length: \(size + 1)\r\n")
    #expect(try await larger.response().status == 413)
    await it.server.stop()
  }

  @Test func bodyBeyondAllMeasureIsRefusedByItsHead() async throws {
    let it = try echo()
    let client = try await it.client("POST", fields: "Content-Length: 99999999999\r\n")
    #expect(try await client.response().status == 413)
    try await client.closedByServer()
    await it.server.stop()
  }

  @Test func bodiesShareTheirMemory() async throws {
    let it = try echo(configured { $0.bodyMemory = 1000 })
    let first = try await it.client("POST", fields: "Content-Length: 2000\r\n")
    try await first.send(String(repeating: "x", count: 1500))
    // Its piece has been taken when a request that came later is answered.
    let between = try await it.client()
    #expect(try await between.response().status == 200)
    let second = try await it.client("POST", fields: "Content-Length: 3\r\n")
    try await second.send("abc")
    let refused = try await second.response()
    #expect(refused.status == 503 && refused["Retry-After"] == "5")
    first.close()
    await it.until { it.server.connectionCount <= 1 }
    let third = try await it.client("POST", fields: "Content-Length: 3\r\n")
    try await third.send("abc")
    #expect(try await third.response().status == 200)
    #expect(try await third.bodyToEnd() == "abc")
    await it.server.stop()
  }

  @Test func screenAnswersInPlaceOfALargeBody() async throws {
    let screened = Recorder<String>()
    let it = try Fixture(
      handler: { request, _ in Response(body: Array(request.body.prefix(1))) },
      screen: { request in
        screened.append(request.target)
        return request.target == "/no" ? Response(status: 403) : nil
      })
    for length in ["Content-Length: 4097\r\n", "Transfer-Encoding: chunked\r\n"] {
      let refused = try await it.client("POST", "/no", fields: length)
      #expect(try await refused.response().status == 403)
      try await refused.closedByServer()
      let taken = try await it.client("POST", "/yes", fields: length)
      let body = String(repeating: "x", count: 4097)
      try await taken.send(length.hasPrefix("C") ? body : "1001\r\n\(body)\r\n0\r\n\r\n")
      #expect(try await taken.response().status == 200)
      #expect(try await taken.bodyToEnd() == "x")
    }
    let small = try await it.client("POST", "/no", fields: "Content-Length: 4096\r\n")
    try await small.send(String(repeating: "x", count: 4096))
    #expect(try await small.response().status == 200)
    let none = try await it.client("GET", "/no")
    #expect(try await none.response().status == 200)
    #expect(screened.all == ["/no", "/yes", "/no", "/yes"])
    await it.server.stop()
  }

  @Test func bodyThatDoesNotComeIsCut() async throws {
    let it = try echo(configured { $0.requestDeadline = .seconds(2) })
    let client = try await it.client("POST", fields: "Content-Length: 10\r\n")
    try await client.send("half")
    try await client.closedByServer()
    #expect(it.accesses.all.isEmpty)
    await it.server.stop()
  }
}
