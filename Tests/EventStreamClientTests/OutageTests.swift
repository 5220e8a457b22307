import EventStream
import IOQueue
import TestSupport
import Testing

@testable import EventStreamClient

/// An outage that is limited ends in the midst of an attempt: the attempt's own limits are minutes away.
@Suite(.paced, .timeLimit(.minutes(3)))
struct OutageTests: Exchanging, Streaming {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  private func source(_ limit: Duration = .milliseconds(200)) -> EventSource {
    var source = EventSource.quick(peer.url())
    source.reconnection.maxOutage = limit
    source.responseTimeout = .seconds(600)
    return source
  }

  @Test func serverThatDoesNotAnswer() async throws {
    let failure = try await Recording(source()).failure()
    guard case .gaveUp(attempts: 1, because: .timedOut) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
  }

  @Test func exchangeWithoutAnAnswer() async throws {
    let source = source()
    let failure = await failure(exchange(policy: source.reconnection) { $0.responseTimeout = source.responseTimeout })
    guard case .gaveUp(attempts: 1, because: .timedOut) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
  }

  /// However long the preparation took, the request has a second. Of three, for a machine that is busy.
  @Test func singleRequestHasASecond() async throws {
    var answers = 0
    for _ in 1...3 where answers == 0 {
      let outcome = exchange(policy: source(.nanoseconds(1)).reconnection) { $0.responseTimeout = .seconds(600) }
      try await attempt().respond()
      if case .success = await outcome.value { answers += 1 }
    }
    #expect(answers == 1)
  }

  @Test func preparationThatNeverEnds() async throws {
    var source = source()
    let isCancelled = Watched(false)
    source.prepare = { request, _ in
      for await _ in AsyncStream<Void>.makeStream().stream {}
      isCancelled.update { $0 = Task.isCancelled }
      return request
    }
    let reason = EventSourceError.preparationFailed("it took too long")
    #expect(try await Recording(source).failure() == .gaveUp(attempts: 1, because: reason))
    try await isCancelled.wait(for: "the preparation's cancellation") { $0 ? () : nil }
  }

  /// The limit is one of outages: nothing is due while a stream is open.
  @Test func openStreamIsNone() async throws {
    let recording = Recording(source(.seconds(600)))
    let (connection, _) = try await stream()
    try await connection.sendChunk("data: 1\n\n")
    try await recording.events.wait(count: 1)
    let session = try #require(recording.subscription.session)
    #expect(!session.engine.io.sync { session.timer.isScheduled })
    recording.subscription.cancel()
  }
}
