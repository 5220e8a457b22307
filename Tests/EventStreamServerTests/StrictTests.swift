import EventStreamServer
import Glibc
import IOQueue
import TestSupport
import Testing

/// Request heads that are not HTTP, or not quite: each is answered at once, and its connection closed. The bytes are
/// sent as they stand here.
@Suite(.paced, .timeLimit(.minutes(3)))
struct StrictTests {
  private static let line = "GET / HTTP/1.1\r\n"
  private static let head = line + "Host: a\r\n"
  private static let post = "POST / HTTP/1.1\r\nHost: a\r\n"

  @Test(arguments: [
    // The request line.
    "GE\u{0}T / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a\u{0}b HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\u{0}\r\nHost: a\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n", "GET / http/1.1\r\nHost: a\r\n\r\n", "GET /\r\n\r\n",
    // Line ends.
    "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\nHost: a\r\n\r\n", line + "Host: a\nX: b\r\n\r\n",
    head + "X: a\nY: b\r\n\r\n", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
    head + "X: a\rTransfer-Encoding: chunked\r\n\r\n", head + "\n", line + "Host: a\n\r\n",
    // Fields.
    line + "Host: a\u{0}b\r\n\r\n", head + "X: a\u{0}b\r\nY: c\r\n\r\n", head + "X: a\u{0}b\r\n\r\n",
    head + "X: a\u{0}\r\n\r\n",
    head + "X\u{0}Y: a\r\n\r\n", head + "X: a\u{1}b\r\n\r\n", head + "X: a\r\n b\r\n\r\n",
    line + " X: a\r\nHost: a\r\n\r\n",
    head + "X : a\r\n\r\n", head + "X\t: a\r\n\r\n", head + "X Y: a\r\n\r\n", head + ": a\r\n\r\n", head + "X\r\n\r\n",
    line + "\r\n", line + "Host: a/b\r\n\r\n", line + "Host: a b\r\n\r\n", head + "Host: a\r\n\r\n",
    // The length of the body.
    post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", post + "Transfer-Encoding: gzip\r\n\r\n",
    post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", post + "Transfer-Encoding: identity\r\n\r\n",
    post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    post + "Transfer-Encoding:\r\n\r\n", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    // Not HTTP at all.
    "hello\r\n", "\u{1}\u{2}\u{3}\u{4}\r\n\r\n", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET\t/\tHTTP/1.1\r\n\r\n",
    // Nor would it ever be a line.
    "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}", "\u{0}", "hello, world", "GET / HTML",
    String(repeating: "A", count: 33),
    "GET /\u{0}", "GET / HTTP/1.1\r\nHost: \u{0}", "\r\n\r\n\n",
  ])
  func malformedHeadIsRefusedAndClosed(request: String) async throws {
    try await refuses(request)
    // One that asks for an event stream is read by others.
    let line = "HTTP/1.1\r\n"
    try await refuses(request.replacing(line, with: line + "Accept: text/event-stream\r\n", maxReplacements: 1))
  }

  /// libmicrohttpd refuses these by itself, and sends the head of its answer twice: the second is the first one's body.
  @Test(arguments: ["", "abc", "3x", "-3", "+3", "0x3", "3, 3", "3 4"])
  func lengthThatIsNoNumberIsRefusedAndClosed(length: String) async throws {
    try await refuses(Self.post + "Content-Length: \(length)\r\n\r\nabc")
  }

  @Test(arguments: ["zz", "-1", "0x1", ""])
  func chunkWhoseSizeIsNoNumberIsRefusedAndClosed(size: String) async throws {
    try await refuses(Self.post + "Transfer-Encoding: chunked\r\n\r\n\(size)\r\na\r\n0\r\n\r\n")
  }

  @Test(arguments: [
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505), ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
    (post + "Content-Length: 99999999999999999999999\r\n\r\n", 413),
    (post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n", 413),
  ])
  func otherRefusalsCloseToo(request: String, status: Int) async throws {
    try await refuses(request, status)
  }

  /// Known for what they are when their clients say that no more will come.
  @Test(arguments: ["hello", "GET", "GET /", "GET / HTTP/1.1\r\n", head, "\r"])
  func headThatEndsInTheMiddleIsRefused(sent: String) async throws {
    let it = try Fixture()
    let client = try await RawClient(port: it.port)
    try await client.send(sent)
    client.shutdownWrite()
    #expect(try await client.response().status == 400)
    try await client.closedByServer()
    await it.server.stop()
  }

  /// At every place where the first piece of it can end.
  @Test func malformedHeadIsRefusedHoweverItComes() async throws {
    let it = try Fixture()
    let request = Array((Self.head + "X: a\nY: b\r\n\r\n").utf8)
    for size in 0...request.count {
      let client = try await RawClient(port: it.port)
      try await client.send(Array(request[..<size]))
      await it.server.turn()
      // What is wrong with it may have been said by now.
      try? await client.send(Array(request[size...]))
      #expect(try await client.response().status == 400)
      try await client.closedByServer()
    }
    #expect(it.accesses.all.isEmpty)
    await it.server.stop()
  }

  /// libmicrohttpd 0.9.75 takes these in a later request of a connection, and leaves the same strings as of sound ones.
  @Test(arguments: [
    head + "\n", line + "Host: a\n\r\n", line + "Host: a\u{0}\r\n\r\n", line + "Host: a\u{0}\u{0}\r\n\r\n",
    head + "\u{0}\u{0}Content-Length: 40\r\n", head + "\u{0}X: b\r\n\r\n", "GET / HTTP/1.0\r\n\u{0}X: b\r\n\r\n",
    "GET / HTTP/1.0\n\r\n", "GET / HTTP/1.0\r\n\n",
  ])
  func laterHeadThatEndsOtherwiseIsRefused(request: String) async throws {
    let it = try Fixture { request, _ in Response(body: Array(request.target.utf8)) }
    let client = try await it.client("GET", "/first")
    #expect(try await client.response().status == 200)
    #expect(try await client.bodyToEnd() == "/first")
    try await client.send(request + "GET /next HTTP/1.1\r\nHost: b\r\n\r\n")
    let response = try await client.response()
    #expect(response.status == 400)
    #expect(response["Connection"]?.lowercased() == "close")
    try await client.closedByServer()
    #expect(it.accesses.all.dropFirst().allSatisfy { $0.status == 400 })
    await it.server.stop()
  }

  /// In the framing of chunks libmicrohttpd 0.9.75 takes these, and nothing is left of what is wrong with them; 1.0 refuses
  /// them all. What follows is the next request, or is not looked at.
  @Test(arguments: [
    (post + "Transfer-Encoding: chunked\r\n\r\n1\nb\r\n0\r\n\r\n", "b"),
    (post + "Transfer-Encoding: chunked\r\n\r\n1\r\nb\n0\r\n\r\n", "b"),
    (post + "Transfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\n\r\n", "b"),
    (post + "Transfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\n", "b"),
  ])
  func slipIsRefusedOrMended(request: String, body: String) async throws {
    let it = try Fixture { request, _ in
      Response(body: Array("\(request.target) \(request.fields["Host"] ?? "-") ".utf8) + request.body)
    }
    let client = try await it.client("GET", "/first")
    #expect(try await client.response().status == 200)
    #expect(try await client.bodyToEnd() == "/first a ")
    try await client.send(request + "GET /next HTTP/1.1\r\nHost: b\r\n\r\n")
    let response = try await client.response()
    if response.status == 400 {
      #expect(response["Connection"]?.lowercased() == "close")
      try await client.closedByServer()
      #expect(it.accesses.all.dropFirst().allSatisfy { $0.status == 400 })
    } else {
      #expect(response.status == 200)
      #expect(try await client.bodyToEnd() == "/ a \(body)")
      #expect(try await client.response().status == 200)
      #expect(try await client.bodyToEnd() == "/next b ")
    }
    await it.server.stop()
  }

  /// libmicrohttpd 0.9.75 can neither read on in a line that fills its buffer nor answer, asks for turns without end, and
  /// does not see that its client has left. It has until its deadline, and the processor is others' meanwhile.
  @Test(arguments: ["x", "0"], [true, false])
  func lineOfAChunkThatNeverEndsCostsNothing(filling: Character, leaves: Bool) async throws {
    let it = try Fixture(
      configured {
        $0.requestDeadline = .seconds(1)
        $0.shards = 1
      })
    func used() -> UInt64 {
      it.server.queues[0].sync {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
      }
    }
    let client = try await RawClient(port: it.port)
    let line = (filling == "x" ? "1;" : "") + String(repeating: filling, count: 40_000)
    try await client.send(Self.post + "Transfer-Encoding: chunked\r\n\r\n" + line)
    if leaves { client.close() }
    let start = used()
    // Whose deadline is a little later.
    try await RawClient(port: it.port).closedByServer()
    #expect(used() - start < 300_000_000)
    await it.until { it.server.connectionCount == 0 }
    await it.server.stop()
  }

  private func refuses(_ request: String, _ status: Int = 400) async throws {
    let it = try Fixture { request, _ in
      Issue.record("the handler was called for \(request)")
      return Response()
    }
    let client = try await RawClient(port: it.port)
    try await client.send(request)
    let response = try await client.response()
    #expect(response.status == status)
    #expect(response["Connection"]?.lowercased() == "close")
    try await client.closedByServer()
    await it.server.stop()
  }

  /// None of the rules is about the size of a head, or about how it comes: its strings lie where they have to also when
  /// it comes byte by byte, and on a connection that has had other requests.
  @Test func soundHeadIsTakenHoweverItComes() async throws {
    let it = try Fixture { request, _ in Response(body: Array("\(request.fields.values(of: "X").count)".utf8)) }
    let client = try await RawClient(port: it.port)
    for count in [0, 1, 40] {
      let fields = String(repeating: "X:\t a b;\"c\" \u{e9}\r\n", count: count) + "Cookie: a=b; c=\"d\"\r\n"
      let request = Array("GET http://a/%00/../b?c=d&e HTTP/1.1\r\nHost: a:80\r\nEmpty:\r\n\(fields)\r\n".utf8)
      for size in [request.count, 1] {
        for start in stride(from: 0, to: request.count, by: size) {
          try await client.send(Array(request[start..<min(start + size, request.count)]))
          if size == 1, start % 16 == 0 { await it.server.turn() }
        }
        #expect(try await client.response().status == 200)
        #expect(try await client.bodyToEnd() == "\(count)")
      }
    }
    await it.server.stop()
  }

  /// RFC 9112, 5.1: it may stand there, and is no part of the value.
  @Test(arguments: [" ", "\t", " \t "])
  func spaceBehindAValueIsNoPartOfIt(space: String) async throws {
    let it = try Fixture { request, _ in Response(body: Array("\(request.fields.map(\.value))".utf8)) }
    let client = try await RawClient(port: it.port)
    try await client.send("GET / HTTP/1.1\r\nHost: a\(space)\r\nX: b c\(space)\r\nY:\(space)\r\n\r\n")
    #expect(try await client.response().status == 200)
    #expect(try await client.bodyToEnd() == #"["a", "b c", ""]"#)
    await it.server.stop()
    // libmicrohttpd would read no body.
    try await refuses(Self.post + "Transfer-Encoding: chunked\(space)\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
  }

  @Test func headThatNeverEndsIsCutThoughItsClientIsBusy() async throws {
    let it = try Fixture(
      configured {
        $0.requestDeadline = .seconds(2)
        $0.requestMemory = 4_194_304
      })
    let client = try await RawClient(port: it.port)
    try await client.send(Self.head + "X: ")
    // The connection is closed in the middle of it.
    while !client.isClosedByServer, !Task.isCancelled {
      do { try await client.send("x") } catch { break }
      await it.server.turn()
    }
    try await client.closedByServer()
    #expect(it.accesses.all.isEmpty)
    await it.server.stop()
  }
}
