import EventStream
@testable import EventStreamClient
import TestSupport
import Testing

@Suite(.paced, .timeLimit(.minutes(3)))
struct RedirectTests {
  @Test(arguments: [
    (301, "GET", "GET"), (302, "GET", "GET"), (303, "GET", "GET"), (307, "GET", "GET"), (308, "GET", "GET"),
    (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"), (308, "POST", "POST"),
    (303, "PUT", "GET"), (301, "PUT", "PUT"), (301, "post", "GET"),
  ])
  func redirectIsFollowedByTheFetchStandardsRules(status: Int, method: String, next: String) async throws {
    let peer = try ScriptedPeer()
    var source = EventSource.quick(peer.url("/old/here"))
    source.lastEventID = "7"
    source.request.method = method
    if method != "GET" { source.request.body = Array("body".utf8) }
    source.request.set("Authorization", "secret")
    let recording = Recording(source)
    var connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respond(status: status, headers: ["Location": "../new?x=1"], body: "moved")
    connection = try await peer.nextConnection()
    let request = try await connection.request()
    #expect(request.method == next)
    #expect(request.target == "/new?x=1")
    #expect(request.bodyText == (next == "GET" ? "" : "body"))
    #expect(request["Authorization"] == "secret")
    #expect(request["Last-Event-ID"] == "7")
    try await connection.respondEventStream()
    try await connection.sendChunk("data: x\n\n")
    #expect(try await recording.events.wait(count: 1)[0].data == "x")
    // The next attempt begins at the beginning.
    connection.close()
    #expect(try await peer.nextConnection().request().target == "/old/here")
    recording.subscription.cancel()
  }

  @Test func secretsStayWithTheirOrigin() async throws {
    let peer = try ScriptedPeer()
    let other = try ScriptedPeer()
    var source = EventSource.quick(peer.url().replacing("http://", with: "http://user:password@"))
    source.request.set("Authorization", "secret")
    source.request.set("Cookie", "secret")
    source.request.set("X-Api-Key", "secret")
    source.request.set("Accept-Language", "de")
    let recording = Recording(source)
    let connection = try await peer.nextConnection()
    #expect(try await connection.request()["X-Api-Key"] == "secret")
    try await connection.respond(status: 307, headers: ["Location": other.url("/there")])
    let request = try await other.nextConnection().request()
    #expect(request.target == "/there")
    #expect(request["Accept"] == "text/event-stream")
    #expect(request["Accept-Language"] == "de")
    #expect(!request.headers.contains { "\($0)".contains("secret") })
    #expect(request["Authorization"] == nil)
    recording.subscription.cancel()
  }

  @Test func locationMayHoldWhatNoURLCan() async throws {
    let peer = try ScriptedPeer()
    let recording = Recording(.quick(peer.url()))
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respond(status: 302, headers: ["Location": "/ü b?c d", "Connection": "close"])
    #expect(try await peer.nextConnection().request().target == "/%C3%BC%20b?c%20d")
    recording.subscription.cancel()
  }

  @Test func proxysWordOnItsTunnelIsNotTheAnswer() async throws {
    let proxy = try ScriptedPeer()
    var source = EventSource.quick("https://127.0.0.1:9/", .never)
    source.transport.proxy = proxy.url()
    let recording = Recording(source)
    let connection = try await proxy.nextConnection()
    #expect(try await connection.request().method == "CONNECT")
    try await connection.send("HTTP/1.1 200 Connection established\r\n\r\n")
    connection.close()
    // The TLS handshake fails, for nobody is behind it: not the proxy's head, taken for the server's.
    guard case .connectionFailed = try await recording.failure() else {
      Issue.record("\(recording.ends.all)")
      return
    }
  }

  @Test func redirectsAreCapped() async throws {
    let peer = try ScriptedPeer()
    let recording = Recording(.quick(peer.url()))
    for _ in 0...10 {
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await connection.respond(status: 302, headers: ["Location": "/again"])
    }
    guard case .redirectFailed = try await recording.failure() else {
      Issue.record("\(recording.ends.all)")
      return
    }
    #expect(peer.connectionCount == 11)
  }

  @Test(arguments: [
    "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "gopher://127.0.0.1:1/", "javascript:alert(1)",
    "ws://127.0.0.1/",
  ])
  func redirectsLeadToHTTPAlone(location: String) async throws {
    let peer = try ScriptedPeer()
    let recording = Recording(.quick(peer.url()))
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respond(status: 302, headers: ["Location": location])
    guard case .redirectFailed = try await recording.failure() else {
      Issue.record("\(recording.ends.all)")
      return
    }
  }

  @Test func redirectWithoutALocationIsARefusal() async throws {
    let peer = try ScriptedPeer()
    let recording = Recording(.quick(peer.url()))
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respond(status: 302, headers: ["Content-Type": "text/plain"], body: "nowhere")
    let expected = Response(status: 302, contentType: "text/plain", url: peer.url(), body: "nowhere")
    #expect(try await recording.failure() == .unexpectedStatus(expected))
  }
}
