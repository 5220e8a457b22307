import TestSupport
import Testing

@testable import EventStreamClient

/// One request and its whole answer.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ExchangeTests {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  /// The outcome of an exchange that runs while the test plays the server's part.
  private func exchange(
    _ method: String = "GET", _ path: String = "/", body: String? = nil, key: String? = nil,
    policy: ReconnectionPolicy = .never, change: (inout EventSource) -> Void = { _ in }
  ) -> Task<Result<Answer, EventSourceError>, Never> {
    var source = EventSource.quick(peer.url(), policy)
    change(&source)
    var request = EventSource.Request(peer.url(path), method: method, body: body.map { Array($0.utf8) })
    if let key { request.set("Idempotency-Key", key) }
    return Task { [source, request] in
      do throws(EventSourceError) {
        return .success(try await source.exchange(request))
      } catch {
        return .failure(error)
      }
    }
  }

  private func failure(_ outcome: Task<Result<Answer, EventSourceError>, Never>) async -> EventSourceError? {
    if case .failure(let error) = await outcome.value { error } else { nil }
  }

  private func attempt() async throws -> PeerConnection {
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    return connection
  }

  @Test func answerIsWhole() async throws {
    let outcome = exchange("POST", "/a?b", body: "question")
    let connection = try await peer.nextConnection()
    let request = try await connection.request()
    #expect(request.method == "POST")
    #expect(request.target == "/a?b")
    #expect(request.bodyText == "question")
    // In pieces, and with bytes of any kind.
    try await connection.sendHead(status: 201, headers: ["Content-Type": "a/b", "Transfer-Encoding": "chunked"])
    try await connection.sendChunk([0, 1, 2, 255])
    try await connection.sendChunk(Array(repeating: 7, count: 100_000))
    try await connection.endChunks()
    let answer = try await outcome.value.get()
    #expect(answer.response.status == 201)
    #expect(answer.response.contentType == "a/b")
    #expect(answer.body == [0, 1, 2, 255] + Array(repeating: 7, count: 100_000))
  }

  @Test(arguments: [("GET", nil), ("PUT", nil), ("POST", "key")])
  func connectionIsKeptForTheNext(method: String, key: String?) async throws {
    var outcome = exchange(method, key: key)
    let connection = try await attempt()
    for number in 1...5 {
      try await connection.respond(body: "\(number)")
      #expect(try await outcome.value.get().body == Array("\(number)".utf8))
      if number < 5 {
        outcome = exchange(method, key: key)
        _ = try await connection.request()
      }
    }
    #expect(peer.connectionCount == 1)
  }

  @Test func connectionIsKeptBesideManyStreams() async throws {
    let streams = (0..<40).map { _ in EventSource.quick(peer.url(), .never).open(onEvent: { _, _ in }) }
    for _ in streams { try await attempt().respondEventStream() }
    let first = exchange()
    let kept = try await attempt()
    try await kept.respond(body: "1")
    _ = try await first.value.get()
    let second = exchange()
    _ = try await kept.request()
    try await kept.respond(body: "2")
    _ = try await second.value.get()
    #expect(peer.connectionCount == 41)
    for stream in streams { stream.cancel() }
  }

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

  @Test func bodyIsLimited() async throws {
    for (size, isTaken) in [(1000, true), (1001, false)] {
      let outcome = exchange { $0.maxEventBytes = 1000 }
      try await attempt().respond(headers: ["Connection": "close"], body: String(repeating: "x", count: size))
      switch await outcome.value {
      case .success(let answer): #expect(isTaken && answer.body.count == size)
      case .failure(let error): #expect(!isTaken && error == .eventTooLarge(limit: 1000))
      }
    }
  }

  @Test func bodyThatBreaksOffIsNoAnswer() async throws {
    let outcome = exchange()
    let connection = try await attempt()
    try await connection.sendHead(headers: ["Content-Length": "10"])
    try await connection.send("half")
    connection.close()
    guard case .failure(.connectionFailed) = await outcome.value else {
      Issue.record("half a body was taken for a whole")
      return
    }
  }

  @Test func redirectsAreFollowedAsThoseOfStreams() async throws {
    let outcome = exchange("PUT", "/old", body: "b")
    try await attempt().respond(status: 308, headers: ["Location": "/new", "Connection": "close"])
    let connection = try await peer.nextConnection()
    let request = try await connection.request()
    #expect(request.method == "PUT")
    #expect(request.target == "/new")
    #expect(request.bodyText == "b")
    try await connection.respond(headers: ["Connection": "close"], body: "here")
    #expect(try await outcome.value.get().body == Array("here".utf8))

    let lost = exchange()
    for _ in 0...10 {
      try await attempt().respond(status: 302, headers: ["Location": "/again", "Connection": "close"])
    }
    guard case .failure(.redirectFailed) = await lost.value else {
      Issue.record("it went on for ever")
      return
    }
  }

  @Test func cancelledTaskClosesTheConnection() async throws {
    let outcome = exchange()
    let connection = try await attempt()
    outcome.cancel()
    #expect(await failure(outcome) == .cancelled)
    try await connection.closedByClient()
  }

  @Test func serverThatDoesNotAnswerIsNotWaitedForForEver() async throws {
    let outcome = exchange { $0.responseTimeout = .milliseconds(100) }
    let connection = try await attempt()
    #expect(await failure(outcome) == .timedOut(.response))
    try await connection.closedByClient()
  }

  /// A request on its way takes as long as it takes: what may not be is a server that stops taking it.
  @Test func timeForTheResponseBeginsAfterTheRequest() async throws {
    let slow = try ScriptedPeer(reading: false)
    defer { slow.closeAll() }
    var source = EventSource.quick(slow.url(), .never)
    source.responseTimeout = .seconds(5)
    let request = EventSource.Request(slow.url(), method: "PUT", body: Array(repeating: 0, count: 64_000_000))
    let start = ContinuousClock.now
    let outcome = Task { [source] in try await source.exchange(request) }
    let connection = try await slow.nextConnection()
    var received = 0
    while ContinuousClock.now - start < source.responseTimeout {
      // Another's time runs out, which is shorter.
      #expect(await failure(exchange { $0.responseTimeout = .milliseconds(500) }) == .timedOut(.response))
      received = try await connection.read(count: min(received + 5_000_000, 64_000_000))
    }
    _ = try await connection.read(count: 64_000_000)
    try await connection.respond(body: "taken")
    #expect(try await outcome.value.body == Array("taken".utf8))

    source.responseTimeout = .milliseconds(500)
    let stuck = Task { [source] in try await source.exchange(request) }
    await #expect(throws: EventSourceError.timedOut(.response)) { try await stuck.value }
  }
}
