import EventStreamServer
import Glibc
import TestSupport
import Testing

/// Requests for an event stream, which the server reads itself: the handler sees what it would see of libmicrohttpd's.
@Suite(.paced, .timeLimit(.minutes(3)))
struct StreamRequestTests {
  private static let accept = "Accept: text/event-stream\r\n"
  private static let head = "GET / HTTP/1.1\r\nHost: a\r\n"

  /// What a server makes of some bytes: the requests that its handler sees, and the statuses of its answers.
  private struct Outcome: Equatable, CustomStringConvertible {
    var requests: [HTTPRequest]
    var answers: [String]
    var description: String { "\(requests) \(answers)" }
  }

  private static func outcome(_ bytes: String, _ chunk: Int, direct: Bool, isStream: Bool) async throws -> Outcome {
    let requests = Recorder<HTTPRequest>()
    let it = try Fixture(configured { $0.writesDirectly = direct }) { request, channel in
      // Each client has a port of its own.
      var request = request
      request.remote = SocketAddress(host: request.remote.host, port: 0)
      requests.append(request)
      if isStream { return .events(channel) }
      return Response(status: 404, fields: ["Connection": "close"], body: Array("none".utf8))
    }
    it.channel.publish("one")
    it.channel.finish()
    let client = try await RawClient(port: it.port)
    let all = Array(bytes.utf8)
    var start = 0
    while start < all.count {
      let end = min(start + chunk, all.count)
      try await client.send(Array(all[start..<end]))
      start = end
      if start < all.count { await it.server.turn() }
    }
    let answers = try await client.readToEnd()
    await it.server.stop()
    let lines = answers.split(separator: "\r\n").filter { !$0.hasPrefix("Date: ") }.map(String.init)
    return Outcome(requests: requests.all, answers: lines)
  }

  @Test(
    arguments: [
      head + accept + "\r\n", "GET /a%20b/%C3%BC?c=%41&d=e+f&access_token=x HTTP/1.1\r\nHost: a\r\n\(accept)\r\n",
      "GET http://b/c?d HTTP/1.1\r\nHost: a\r\n\(accept)\r\n", "GET /ü HTTP/1.1\r\nHost: a\r\n\(accept)\r\n",
      head + "ACCEPT: text/event-stream\r\nX-A: 1\r\nx-a: 2\r\nX-A:\r\n\r\n",
      head + "Accept:text/event-stream, application/json;q=0.5\r\nX: a \t b\r\nY:\t  c\r\n\r\n",
      head + "Accept: text/event-stream  \r\n\r\n", head + accept + "X: a\t\r\n\r\n", head + accept + "X:  \r\n\r\n",
      head + accept + "Last-Event-ID: \u{e9}\r\nCookie: a=b; c=d\r\n\r\n", "\r\n" + head + accept + "\r\n",
      head + accept + "Connection: close\r\n\r\n", head + accept + "Connection: keep-alive\r\n\r\n",
      "HEAD / HTTP/1.1\r\nHost: a\r\n\(accept)\r\n", "GET / HTTP/1.0\r\n\(accept)\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\n\(accept)Content-Length: 3\r\n\r\nabc",
      head + accept + "Content-Length: 0\r\n\r\n", head + "Accept: */*\r\n\r\n",
      head + "Accept: text/html\r\nAccept: text/event-stream\r\n\r\n",
    ], [true, false])
  func handlerSeesTheSame(bytes: String, isStream: Bool) async throws {
    for chunk in [1, 2, 3, .max] {
      let chunk = min(chunk, bytes.utf8.count)
      let direct = try await Self.outcome(bytes, chunk, direct: true, isStream: isStream)
      let plain = try await Self.outcome(bytes, chunk, direct: false, isStream: isStream)
      #expect(direct == plain)
      #expect(direct.requests.count == 1)
    }
  }

  /// The handler was asked already; the connection stays for other requests.
  @Test func answerThatIsNoStreamKeepsTheConnection() async throws {
    let targets = Recorder<String>()
    let it = try Fixture { request, channel in
      targets.append(request.target)
      return request.path == "/events" ? .events(channel) : Response(status: 404, body: Array(request.path.utf8))
    }
    let client = try await it.client("GET", "/a", fields: Self.accept)
    #expect(try await client.response().status == 404)
    #expect(try await client.bodyToEnd() == "/a")
    try await client.send("GET /b HTTP/1.1\r\nHost: a\r\n\(Self.accept)\r\n")
    #expect(try await client.response().status == 404)
    #expect(try await client.bodyToEnd() == "/b")
    try await client.send("GET /events HTTP/1.1\r\nHost: a\r\n\(Self.accept)\r\n")
    #expect(try await client.response().status == 200)
    #expect(try await client.body(until: "\n\n") == retryAlone)
    #expect(targets.all == ["/a", "/b", "/events"])
    await it.server.stop()
    #expect(it.accesses.all.map(\.status) == [404, 404, 200])
  }

  /// What is left of a request would stay in the system's memory for as long as the stream does.
  @Test(arguments: StreamWay.allCases)
  func nothingOfTheRequestIsLeft(way: StreamWay) async throws {
    let it = try Fixture(way.configuration)
    let client = try await it.subscriber(by: way)
    let descriptor = try #require(Descriptors.end(of: it.port, connectedTo: client.localPort))
    var byte: UInt8 = 0
    #expect(recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == -1 && errno == EAGAIN)
    await it.server.stop()
  }

  /// More than a socket takes at once.
  @Test func largeAnswerThatIsNoStreamArrives() async throws {
    let body = [UInt8](repeating: UInt8(ascii: "x"), count: 4_000_000)
    let it = try Fixture { _, _ in Response(body: body) }
    let client = try await it.client(fields: Self.accept)
    #expect(try await client.response().status == 200)
    #expect(try await client.bodyToEnd().utf8.count == body.count)
    await it.server.stop()
  }

  @Test func finishedChannelThatWasSeenIs204() async throws {
    let it = try Fixture()
    it.channel.publish("one")
    it.channel.finish()
    let client = try await it.client(fields: "\(Self.accept)Last-Event-ID: E-1\r\n")
    #expect(try await client.response().status == 204)
    await it.server.stop()
    #expect(it.accesses.all.map(\.status) == [204])
  }
}
