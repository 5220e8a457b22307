import EventStreamServer
import TestSupport
import Testing

/// HTTP itself: methods, versions, what is refused.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ProtocolTests {
  @Test func headOfAStreamHasNoBody() async throws {
    let it = try Fixture()
    it.channel.publish("x")
    let client = try await it.client("HEAD")
    let head = try await client.response(to: "HEAD")
    #expect(head.status == 200)
    #expect(head["Content-Type"] == "text/event-stream")
    #expect(try await client.readToEnd() == "")
    #expect(it.server.subscriberCount == 0)
    await it.server.stop()
  }

  @Test func bytesKeepTheConnection() async throws {
    let it = try Fixture { request, _ in
      Response(status: 404, fields: ["X-Path": request.path], body: Array("nothing".utf8))
    }
    let client = try await it.client("HEAD", "/a?b=c")
    let head = try await client.response(to: "HEAD")
    #expect(head.status == 404)
    #expect(head["X-Path"] == "/a")
    #expect(head["Content-Length"] == "7")
    for path in ["/b", "/c"] {
      try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
      let response = try await client.response()
      #expect(response["X-Path"] == path)
      #expect(try await client.bodyToEnd() == "nothing")
    }
    await it.server.stop()
    #expect(try await client.closedByServer().how == .finished)
  }

  /// What one of them has in its head is nobody else's.
  @Test func answersThatAreAStatusAlone() async throws {
    let (it, other) = (try Fixture(handler: Self.status), try Fixture(handler: Self.status))
    let (kept, others) = (try await RawClient(port: it.port), try await RawClient(port: other.port))
    func expectStatuses(on client: RawClient) async throws {
      for status in [202, 404, 200] {
        try await client.send("GET /\(status) HTTP/1.1\r\nHost: a\r\n\r\n")
        let response = try await client.response()
        #expect(response.status == status)
        #expect(response["Content-Length"] == "0")
        #expect(response["Connection"] == nil)
      }
    }
    try await expectStatuses(on: kept)
    try await expectStatuses(on: others)

    let last = try await it.client("POST", "/202", fields: "Content-Length: 1\r\n")
    // Its head is there: after it, an end refuses nothing.
    await it.until { it.server.figures.requests == 4 }
    async let end: Void = it.server.stop(within: .seconds(60))
    try await kept.closedByServer()
    try await last.send("x")
    let response = try await last.response()
    #expect(response.status == 202)
    #expect(response["Connection"] == "close")
    await end
    try await expectStatuses(on: others)
    await other.server.stop()
  }

  @Sendable private static func status(of request: HTTPRequest, _ channel: EventChannel) -> Response {
    Response(status: Int(request.path.dropFirst()) ?? 400)
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
    let it = try Fixture { request, _ in Response(body: Array(request.path.utf8)) }
    let client = try await RawClient(port: it.port)
    try await client.send((1...3).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
    for number in 1...3 {
      _ = try await client.response()
      #expect(try await client.bodyToEnd() == "/\(number)")
    }
    await it.server.stop()
  }

  @Test func http10GetsPlainBytesAndTheClose() async throws {
    let it = try Fixture()
    it.channel.publish("one")
    let client = try await it.client(version: "HTTP/1.0")
    let head = try await client.response()
    #expect(head["Transfer-Encoding"] == nil)
    #expect(head["Connection"] == "close")
    it.channel.publish("two")
    it.channel.finish()
    #expect(try await client.readToEnd() == retry + frame(1, "one") + frame(2, "two"))
    await it.server.stop()
  }

  @Test func theHandlerSeesTheRequestAsItCame() async throws {
    let requests = Recorder<HTTPRequest>()
    let it = try Fixture { request, _ in
      requests.append(request)
      return Response(status: 204)
    }
    let client = try await it.client("PURGE", "/a%20b?c=%41&d", fields: "X-A: 1\r\nx-a: 2\r\nLast-Event-ID: \u{e9}\r\n")
    #expect(try await client.response().status == 204)
    let request = try #require(try await requests.wait(count: 1).first)
    #expect(request.method == "PURGE")
    #expect(request.target == "/a%20b?c=%41&d")
    #expect(request.path == "/a%20b")
    #expect(request.query == "c=%41&d")
    #expect(request.version == "HTTP/1.1")
    #expect(request.fields.values(of: "X-a") == ["1", "2"])
    #expect(request.fields["last-event-id"] == "\u{e9}")
    #expect(request.remote == SocketAddress(host: "127.0.0.1", port: Int(client.localPort)))
    await it.server.stop()
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na",
    "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  ])
  func ambiguousRequestIsRefusedAndClosed(request: String) async throws {
    let it = try Fixture { _, _ in
      Issue.record("the handler was called")
      return Response()
    }
    let client = try await RawClient(port: it.port)
    try await client.send(request)
    let method = String(request.prefix { $0 != " " })
    let response = try await client.response(to: method)
    #expect(response.status == 400)
    #expect(response["Connection"] == "close")
    #expect(response["Content-Type"] == "application/problem+json")
    _ = try await client.readToEnd()
    #expect(try await it.accesses.wait(count: 1).map(\.status) == [400])
    await it.server.stop()
  }

  @Test func headThatIsTooLargeIsRefused() async throws {
    let it = try Fixture()
    let client = try await it.client(fields: "X-Large: \(String(repeating: "x", count: 20_000))\r\n")
    let response = try await client.response()
    #expect(response.status == 431)
    #expect(response["Content-Type"] == "application/problem+json")
    let other = try await it.client("GET", "/" + String(repeating: "x", count: 20_000))
    #expect(try await other.response().status == 414)
    #expect(try await other.bodyToEnd().contains("too long"))
    await it.server.stop()
  }

  @Test func queryMayHaveManyArguments() async throws {
    let it = try Fixture { request, _ in Response(body: Array((request.query ?? "").utf8)) }
    let query = (1...800).map { "a=\($0 % 10)" }.joined(separator: "&")
    let client = try await it.client("GET", "/?\(query)")
    #expect(try await client.response().status == 200)
    #expect(try await client.bodyToEnd() == query)
    await it.server.stop()
  }

  @Test func noHeaderFieldCanStartALine() async throws {
    let it = try Fixture { _, _ in Response(status: 204, fields: ["X-A": "1\r\nX-B: 2\n\u{0}3"]) }
    let response = try await it.client().response()
    #expect(response["X-A"] == "1  X-B: 2  3")
    #expect(response["X-B"] == nil)
    await it.server.stop()
  }

  @Test func accessesAreTold() async throws {
    let it = try Fixture { request, channel in
      request.path == "/events" ? .events(channel) : Response(status: 404)
    }
    let first = try await it.client("GET", "/events")
    _ = try await first.response()
    let second = try await it.client("GET", "/a\"b", version: "HTTP/1.0")
    _ = try await second.response()
    #expect(
      try await it.accesses.wait(count: 2).map(\.description) == [
        #"127.0.0.1:\#(first.localPort) - "GET /events HTTP/1.1" 200"#,
        #"127.0.0.1:\#(second.localPort) - "GET /a\x22b HTTP/1.0" 404"#,
      ])
    await it.server.stop()
  }
}
