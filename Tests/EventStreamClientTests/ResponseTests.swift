import EventStream
import TestSupport
import Testing

@testable import EventStreamClient

@Suite(.paced, .timeLimit(.minutes(3)))
struct ResponseTests {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  /// The connection of the next attempt, after its request.
  func attempt() async throws -> PeerConnection {
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    return connection
  }

  @Test(arguments: [
    "text/event-stream", "TEXT/Event-Stream", "text/event-stream;charset=utf-8", "text/event-stream ; a=b",
  ])
  func contentTypeIsJudgedWithoutParametersAndCase(type: String) async throws {
    let recording = Recording(.quick(peer.url()))
    let connection = try await attempt()
    try await connection.sendHead(headers: ["content-TYPE": type])
    try await connection.send("data: x\n\n")
    #expect(try await recording.events.wait(count: 1)[0].data == "x")
    recording.subscription.cancel()
  }

  @Test(arguments: ["text/html", "text/event-streams", "application/json", "text/plain; x=text/event-stream"])
  func otherContentTypesAreFinalAndCarryTheBody(type: String) async throws {
    let recording = Recording(.quick(peer.url(), .resilient))
    try await attempt().respond(headers: ["Content-Type": type], body: "<html>hello</html>")
    let expected = Response(status: 200, contentType: type, url: peer.url(), body: "<html>hello</html>")
    #expect(try await recording.failure() == .unexpectedContentType(expected))
    #expect(recording.events.count == 0)
  }

  @Test func encodedBodyIsRefused() async throws {
    let recording = Recording(.quick(peer.url()))
    try await attempt().respond(headers: ["Content-Type": "text/event-stream", "Content-Encoding": "gzip"])
    let expected = Response(status: 200, contentType: "text/event-stream encoded as gzip", url: peer.url())
    #expect(try await recording.failure() == .unexpectedContentType(expected))
  }

  @Test func missingContentTypeIsRefused() async throws {
    let recording = Recording(.quick(peer.url()))
    try await attempt().respond(body: "data: x\n\n")
    let expected = Response(status: 200, contentType: "", url: peer.url(), body: "data: x\n\n")
    #expect(try await recording.failure() == .unexpectedContentType(expected))
  }

  @Test func endlessBodyOfARefusalIsCutToItsLimit() async throws {
    let recording = Recording(.quick(peer.url()))
    let connection = try await attempt()
    try await connection.sendHead(status: 200, headers: ["Content-Type": "text/plain"])
    // It may be cut off in mid-write: that is the point.
    try? await connection.send(String(repeating: "x", count: 1_000_000))
    guard case .unexpectedContentType(let response) = try await recording.failure() else {
      Issue.record("\(recording.ends.all)")
      return
    }
    #expect(response.body == String(repeating: "x", count: Response.bodyLimit))
  }

  @Test func singleEventIsLimitedAsAnyOther() async throws {
    var source = EventSource.quick(peer.url(), .resilient)
    source.singleEventTypes = ["application/json"]
    source.maxEventBytes = 1000
    let recording = Recording(source)
    let body = String(repeating: "x", count: 1001)
    try await attempt().respond(headers: ["Content-Type": "application/json"], body: body)
    #expect(try await recording.failure() == .eventTooLarge(limit: 1000))
    #expect(recording.events.count == 0)
    #expect(peer.connectionCount == 1)
  }

  @Test func refusalWhoseBodyNeverComesIsStillTold() async throws {
    let recording = Recording(.quick(peer.url()))
    let connection = try await attempt()
    try await connection.sendHead(status: 404, headers: ["Content-Length": "10"])
    try await connection.send("half")
    let expected = Response(status: 404, contentType: "", url: peer.url(), body: "half")
    #expect(try await recording.failure() == .unexpectedStatus(expected))
    try await connection.closedByClient()
  }

  @Test func noContentEndsWithoutAnError() async throws {
    for policy in [ReconnectionPolicy.standard, .resilient] {
      let recording = Recording(.quick(peer.url(), policy))
      try await attempt().sendHead(status: 204)
      #expect(try await recording.end() == .success(.noContent))
    }
    #expect(peer.connectionCount == 2)
  }

  @Test(arguments: [101, 400, 401, 403, 404, 410, 500, 503])
  func standardPolicyEndsOnAnyOtherStatus(status: Int) async throws {
    let recording = Recording(.quick(peer.url()))
    try await attempt().respond(status: status, headers: ["Content-Type": "text/plain"], body: "no")
    let expected = Response(status: status, contentType: "text/plain", url: peer.url(), body: "no")
    #expect(try await recording.failure() == .unexpectedStatus(expected))
  }

  @Test(arguments: [429, 500, 502, 503])
  func resilientPolicyTriesAgain(status: Int) async throws {
    let recording = Recording(.quick(peer.url(), .resilient))
    try await attempt().respond(status: status, headers: ["Connection": "close"])
    let connection = try await attempt()
    try await connection.respondEventStream()
    try await connection.sendChunk("data: x\n\n")
    try await recording.events.wait(count: 1)
    recording.subscription.cancel()
  }

  @Test func retryAfterIsObeyed() async throws {
    let recording = Recording(.quick(peer.url(), .resilient))
    try await attempt().respond(status: 503, headers: ["Retry-After": "120"])
    #expect(try await recording.waiting().0 == .seconds(120))
    recording.subscription.cancel()
  }

  @Test func retryAfterMayBeADate() async throws {
    let recording = Recording(.quick(peer.url(), .resilient))
    try await attempt().respond(status: 503, headers: ["Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"])
    // Capped by the policy.
    #expect(try await recording.waiting().0 == .seconds(3600))
    recording.subscription.cancel()
  }

  @Test func interimResponsesAreSkipped() async throws {
    let recording = Recording(.quick(peer.url()))
    let connection = try await attempt()
    try await connection.send("HTTP/1.1 103 Early Hints\r\nContent-Type: text/html\r\n\r\n")
    try await connection.respondEventStream()
    try await connection.sendChunk("data: x\n\n")
    try await recording.events.wait(count: 1)
    recording.subscription.cancel()
  }

  @Test func whatIsNotHTTPIsFinal() async throws {
    let recording = Recording(.quick(peer.url(), .resilient))
    try await attempt().send("220 smtp.example.org ESMTP\r\n")
    guard case .notHTTP = try await recording.failure() else {
      Issue.record("\(recording.ends.all)")
      return
    }
  }

  @Test func connectionClosedWithoutAnAnswerIsTriedAgain() async throws {
    let recording = Recording(.quick(peer.url()))
    try await attempt().close()
    guard case .connectionFailed = try await recording.waiting().1 else {
      Issue.record("\(recording.states.all)")
      return
    }
    _ = try await attempt()
    recording.subscription.cancel()
  }

  @Test func refusedConnectionNamesTheReason() async throws {
    let url = peer.url()
    peer.close()
    let failure = try await Recording(.quick(url, .never)).failure()
    #expect(failure == .connectionFailed("cannot connect to \(url.dropLast()): Connection refused"))
  }

  @Test func silenceInsteadOfAnAnswerIsTimedOut() async throws {
    var source = EventSource.quick(peer.url(), .never)
    source.responseTimeout = .milliseconds(50)
    let recording = Recording(source)
    let connection = try await attempt()
    #expect(try await recording.failure() == .timedOut(.response))
    try await connection.closedByClient()
  }

  @Test func silenceOnAnOpenStreamIsTimedOutByBytesAndNotByEvents() async throws {
    var source = EventSource.quick(peer.url())
    source.idleTimeout = .after(.milliseconds(500))
    let recording = Recording(source)
    let connection = try await attempt()
    try await connection.respondEventStream()
    let start = ContinuousClock.now
    // Comments alone keep it alive, as long as the machine lets them through in time.
    var (sent, last, longestGap) = (0, start, Duration.zero)
    while ContinuousClock.now - start < .milliseconds(800) {
      try await connection.sendChunk(":\n")
      sent += 1
      try await recording.comments.wait(count: sent)
      longestGap = max(longestGap, ContinuousClock.now - last)
      last = .now
    }
    #expect(recording.states.count == 2 || longestGap > .milliseconds(400))
    #expect(try await recording.waiting().1 == .timedOut(.bytes))
    try await connection.closedByClient()
    recording.subscription.cancel()
  }

  @Test func singleEventTypesAreReadWhole() async throws {
    var source = EventSource.quick(peer.url())
    source.singleEventTypes = ["application/json"]
    let recording = Recording(source)
    try await attempt().respond(headers: ["Content-Type": "Application/JSON; charset=utf-8"], body: "{\n\"a\": 1}")
    #expect(try await recording.events.wait(count: 1)[0].data == "{\n\"a\": 1}")
    #expect(try await recording.waiting().1 == .streamEnded)
    recording.subscription.cancel()
  }
}
