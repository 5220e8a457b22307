import TestSupport
import Testing

@testable import EventStreamClient

/// Which requests are sent again, and when.
@Suite(.paced, .timeLimit(.minutes(3)))
struct RepeatedExchangeTests: Exchanging {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  @Test func requestOnAKeptConnectionThatClosesIsSentAgain() async throws {
    let first = exchange()
    let kept = try await attempt()
    try await kept.respond(body: "1")
    _ = try await first.value.get()
    let second = exchange("PUT", body: "b")
    #expect(try await kept.request().method == "PUT")
    kept.close()
    let fresh = try await peer.nextConnection()
    #expect(try await fresh.request().bodyText == "b")
    try await fresh.respond(body: "2")
    #expect(try await second.value.get().body == Array("2".utf8))
  }

  @Test(arguments: [ReconnectionPolicy.never, .resilient])
  func cancelInThePreparationIsNoFailureOfIt(policy: ReconnectionPolicy) async throws {
    let isWaiting = Watched(false)
    let outcome = exchange(policy: policy) {
      $0.prepare = { request, _ in
        isWaiting.update { $0 = true }
        // Nothing ever comes: it ends when the task is cancelled.
        for await _ in AsyncStream<Void>.makeStream().stream {}
        try Task.checkCancellation()
        return request
      }
    }
    try await isWaiting.wait(for: "the preparation") { $0 ? () : nil }
    outcome.cancel()
    #expect(await failure(outcome) == .cancelled)
    #expect(peer.connectionCount == 0)
  }

  @Test(arguments: [ReconnectionPolicy.never, .resilient])
  func postIsNeverSentTwice(policy: ReconnectionPolicy) async throws {
    let first = exchange()
    let kept = try await attempt()
    try await kept.respond(body: "1")
    _ = try await first.value.get()
    // It does not go where libcurl would send it again.
    let second = exchange("POST", body: "b", policy: policy)
    let fresh = try await attempt()
    fresh.close()
    guard case .failure(.connectionFailed) = await second.value else {
      Issue.record("the answer was lost, and nobody said so")
      return
    }
    #expect(peer.connectionCount == 2)
    #expect(peer.requests.filter { $0.method == "POST" }.count == 1)
  }

  @Test func postOfAStreamIsSentOnceInAnAttempt() async throws {
    let first = exchange()
    let kept = try await attempt()
    try await kept.respond(body: "1")
    _ = try await first.value.get()
    var source = EventSource.quick(peer.url(), .never)
    source.request.method = "post"
    source.request.body = Array("b".utf8)
    let recording = Recording(source)
    let fresh = try await attempt()
    fresh.close()
    guard case .connectionFailed = try await recording.failure() else {
      Issue.record("\(recording.ends.all)")
      return
    }
    #expect(peer.requests.filter { $0.method == "POST" }.count == 1)
  }

  @Test func postWithAKeyIsTriedAgain() async throws {
    let outcome = exchange("POST", body: "b", key: "k", policy: .resilient)
    try await attempt().close()
    let connection = try await peer.nextConnection()
    #expect(try await connection.request()["Idempotency-Key"] == "k")
    try await connection.respond(body: "done")
    #expect(try await outcome.value.get().body == Array("done".utf8))
  }

  @Test func postThatWasRefusedForNowIsTriedAgain() async throws {
    let outcome = exchange("POST", body: "b", policy: .resilient)
    try await attempt().respond(status: 503, headers: ["Connection": "close", "Retry-After": "0"])
    try await attempt().respond(body: "done")
    #expect(try await outcome.value.get().body == Array("done".utf8))
  }

  @Test(arguments: [400, 404, 409, 412, 422])
  func refusalIsFinal(status: Int) async throws {
    let outcome = exchange(policy: .resilient)
    try await attempt().respond(status: status, headers: ["Content-Type": "text/plain"], body: "no")
    let expected = Response(status: status, contentType: "text/plain", url: peer.url(), body: "no")
    #expect(await failure(outcome) == .unexpectedStatus(expected))
    #expect(peer.requests.count == 1)
  }

  @Test func attemptsAreLimited() async throws {
    let outcome = exchange(policy: .resilient) { $0.reconnection.maxAttempts = 3 }
    for _ in 1...3 { try await attempt().respond(status: 500, headers: ["Connection": "close"]) }
    guard case .failure(.gaveUp(3, .unexpectedStatus)) = await outcome.value else {
      Issue.record("it did not give up")
      return
    }
  }
}
