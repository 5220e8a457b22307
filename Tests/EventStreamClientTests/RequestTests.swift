import EventStream
@testable import EventStreamClient
import TestSupport
import Testing

@Suite(.paced, .timeLimit(.minutes(3)))
struct RequestTests {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  @Test func sendsJustTheHeadersOfTheStandard() async throws {
    let recording = Recording(.quick(peer.url("/a?b=c")))
    let request = try await peer.nextConnection().request()
    #expect(request.method == "GET")
    #expect(request.target == "/a?b=c")
    #expect(request.values("Accept") == ["text/event-stream"])
    #expect(request.values("Cache-Control") == ["no-cache"])
    #expect(request["Last-Event-ID"] == nil)
    #expect(request["Accept-Encoding"] == nil)
    recording.subscription.cancel()
  }

  @Test func callersHeadersReplaceTheDefaultsAndEmptyOnesAreSent() async throws {
    var source = EventSource.quick(peer.url())
    source.request.set("accept", "text/event-stream, application/json")
    source.request.set("X-Empty", "")
    source.request.set("Authorization", "Bearer one")
    source.request.set("authorization", "Bearer two")
    let recording = Recording(source)
    let request = try await peer.nextConnection().request()
    #expect(request.values("Accept") == ["text/event-stream, application/json"])
    #expect(request.values("X-Empty") == [""])
    #expect(request.values("Authorization") == ["Bearer two"])
    recording.subscription.cancel()
  }

  @Test func lastEventIDIsSentAsItsUTF8Bytes() async throws {
    var source = EventSource.quick(peer.url())
    source.lastEventID = "größe-€-🎈"
    let recording = Recording(source)
    #expect(try await peer.nextConnection().request()["Last-Event-ID"] == "größe-€-🎈")
    recording.subscription.cancel()
  }

  @Test(arguments: ["a\nb", "a\rb", "a\0b"])
  func lastEventIDThatSaysMoreIsRefused(id: String) async throws {
    var source = EventSource.quick(peer.url())
    source.lastEventID = id
    guard case .invalidRequest = try await Recording(source).failure() else {
      Issue.record("\(id.debugDescription) was accepted")
      return
    }
    #expect(peer.connectionCount == 0)
  }

  @Test func bodyAndMethodAreSentAgainAtEachReconnect() async throws {
    var source = EventSource.quick(peer.url())
    source.request.method = "POST"
    source.request.body = Array(#"{"prompt":"x"}"#.utf8)
    source.request.set("Content-Type", "application/json")
    let recording = Recording(source)
    for id in ["", "1", "1"] {
      let connection = try await peer.nextConnection()
      let request = try await connection.request()
      #expect(request.method == "POST")
      #expect(request.bodyText == #"{"prompt":"x"}"#)
      #expect(request["Content-Type"] == "application/json")
      #expect(request["Expect"] == nil)
      #expect(request["Last-Event-ID"] ?? "" == id)
      try await connection.respondEventStream()
      try await connection.sendChunk("id: 1\ndata: x\n\n")
      connection.close()
    }
    recording.subscription.cancel()
  }

  /// As a browser does it; other words mean what they say.
  @Test(arguments: [("get", "GET"), ("Post", "POST"), ("put", "PUT"), ("report", "report"), ("patch", "patch")])
  func methodsOfTheFetchStandardAreSentInUpperCase(method: String, sent: String) async throws {
    var source = EventSource.quick(peer.url())
    source.request.method = method
    let recording = Recording(source)
    #expect(try await peer.nextConnection().request().method == sent)
    recording.subscription.cancel()
  }

  @Test func preparationIsAskedBeforeEachAttempt() async throws {
    var source = EventSource.quick(peer.url())
    let tokens = Recorder<Int>()
    source.prepare = { request, attempt in
      await Task.yield()
      tokens.append(attempt)
      var request = request
      request.set("Authorization", "Bearer \(tokens.count)")
      return request
    }
    let recording = Recording(source)
    for number in 1...3 {
      let connection = try await peer.nextConnection()
      #expect(try await connection.request()["Authorization"] == "Bearer \(number)")
      connection.reset()
    }
    #expect(try await tokens.wait(count: 3).prefix(3) == [1, 2, 3])
    recording.subscription.cancel()
  }

  @Test func preparationThatThrowsCountsAsAFailedAttempt() async throws {
    struct NoToken: Error {}
    var source = EventSource.quick(peer.url())
    source.reconnection.maxAttempts = 2
    source.prepare = { _, _ in throw NoToken() }
    let failure = try await Recording(source).failure()
    #expect(failure == .gaveUp(attempts: 2, because: .preparationFailed("NoToken()")))
    #expect(peer.connectionCount == 0)
  }

  @Test(arguments: [
    ("X-A\r\nX-B", "v"), ("X-A", "v\r\nX-B: w"), ("X-A", "v\n"), ("X-A", "v\0"), ("", "v"), ("X A", "v"), ("X:A", "v"),
    ("Last-Event-ID", "7"),
  ])
  func headersThatSayMoreThanOneThingAreRefused(name: String, value: String) async throws {
    var source = EventSource.quick(peer.url())
    source.request.headers = [EventSource.Header(name, value)]
    guard case .invalidRequest = try await Recording(source).failure() else {
      Issue.record("\(name): \(value) was accepted")
      return
    }
    #expect(peer.connectionCount == 0)
  }

  @Test(arguments: [
    "", "status", "/status", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http:///x", "http://a b/",
    "http://a:b/",
  ])
  func urlsThatAreNotHTTPAreRefused(url: String) async throws {
    guard case .invalidRequest = try await Recording(.quick(url)).failure() else {
      Issue.record("\(url) was accepted")
      return
    }
  }
}
