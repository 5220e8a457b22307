import TestSupport
import Testing

@testable import EventStreamClient

/// One request and its whole answer.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ExchangeTests: Exchanging {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

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

  /// The head comes after half of the time, and the body after the whole of it: others' time limits tell when.
  @Test func headAndBodyHaveTheirTimeEach() async throws {
    func patient(_ time: Duration) -> Task<Result<Answer, EventSourceError>, Never> {
      exchange { $0.responseTimeout = time }
    }
    let outcome = patient(.seconds(2))
    let connection = try await attempt()
    let (half, whole) = (patient(.seconds(1)), patient(.seconds(2)))
    _ = (try await attempt(), try await attempt())
    #expect(await failure(half) == .timedOut(.response))
    try await connection.sendHead(headers: ["Content-Length": "4"])
    #expect(await failure(whole) == .timedOut(.response))
    try await connection.send("body")
    #expect(try await outcome.value.get().body == Array("body".utf8))
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
