import TestSupport
import Testing

@testable import EventStreamClient

/// A network that goes away leaves connections that look alive, and each request on one of those is never answered.
@Suite(.paced, .timeLimit(.minutes(3)))
struct DeadConnectionTests: Exchanging, Streaming {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  /// So many connections that are idle, and on which nobody will answer.
  private func keepDead(_ count: Int) async throws -> [PeerConnection] {
    // All at a time, so that each has its own.
    let outcomes = (0..<count).map { _ in exchange() }
    var connections: [PeerConnection] = []
    for _ in 0..<count { connections.append(try await attempt()) }
    for connection in connections { try await connection.respond(body: "1") }
    for outcome in outcomes { _ = try await outcome.value.get() }
    return connections
  }

  /// Answers on each new connection, for on a busy machine the first answers may come after the client's time for them.
  private func answer(_ answer: @escaping @Sendable (PeerConnection) async throws -> Void) -> Task<Void, any Error> {
    Task {
      while true {
        let connection = try await attempt()
        // The client may have gone on to its next attempt.
        try? await answer(connection)
      }
    }
  }

  private func source() -> EventSource {
    var source = EventSource.quick(peer.url())
    source.responseTimeout = .milliseconds(100)
    return source
  }

  @Test func streamLeavesThemAllWithTheFirst() async throws {
    let dead = try await keepDead(2)
    var source = source()
    // As requests do, of which those connections are.
    source.transport.http2 = false
    let recording = Recording(source)
    let answers = answer {
      try await $0.respondEventStream()
      try await $0.sendChunk("data: 1\n\n")
    }
    try await recording.events.wait(count: 1)
    answers.cancel()
    #expect(try await recording.waiting().1 == .timedOut(.response))
    #expect(dead.count(where: \.isClosedByClient) < 2)
    recording.subscription.cancel()
  }

  @Test func requestLeavesThemAllWithTheFirst() async throws {
    let dead = try await keepDead(2)
    let source = source()
    let outcome = exchange(policy: source.reconnection) { $0.responseTimeout = source.responseTimeout }
    let answers = answer { try await $0.respond(body: "2") }
    #expect(try await outcome.value.get().body == Array("2".utf8))
    answers.cancel()
    #expect(dead.count(where: \.isClosedByClient) < 2)
  }

  /// Whatever comes between: an attempt that finds no network does not show that the old connections live.
  @Test func suspicionLastsUntilAStreamIsOpen() {
    for silence in [EventSourceError.timedOut(.response), .timedOut(.bytes)] {
      var schedule = ReconnectionSchedule(.resilient, at: .zero)
      let steps = [.streamEnded, silence, .timedOut(.connection), .connectionFailed("unreachable")].map { error in
        _ = schedule.next(after: error, at: .zero, chance: 0)
        return schedule.needsNewConnection
      }
      #expect(steps == [false, true, true, true])
      schedule.opened(at: .zero)
      #expect(!schedule.needsNewConnection)
    }
  }
}
