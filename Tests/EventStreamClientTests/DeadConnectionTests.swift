import TestSupport
import Testing

@testable import EventStreamClient

/// A network that goes away leaves connections that look alive, and each request on one of those is never answered.
@Suite(.paced, .timeLimit(.minutes(3)))
struct DeadConnectionTests: Exchanging, Streaming {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  /// So many connections that are idle, and on which nobody will answer.
  private func keepDead(_ count: Int) async throws {
    // All at a time, so that each has its own.
    let outcomes = (0..<count).map { _ in exchange() }
    var connections: [PeerConnection] = []
    for _ in 0..<count { connections.append(try await attempt()) }
    for connection in connections { try await connection.respond(body: "1") }
    for outcome in outcomes { _ = try await outcome.value.get() }
  }

  private var policy: ReconnectionPolicy {
    var policy = EventSource.quick(peer.url()).reconnection
    policy.maxAttempts = 2
    return policy
  }

  @Test func streamLeavesThemAllWithTheFirst() async throws {
    try await keepDead(2)
    var source = EventSource.quick(peer.url(), policy)
    source.responseTimeout = .milliseconds(100)
    // As requests do, of which those connections are.
    source.transport.http2 = false
    let recording = Recording(source)
    let (connection, _) = try await stream()
    try await connection.sendChunk("data: 1\n\n")
    try await recording.events.wait(count: 1)
    #expect(try await recording.waiting().1 == .timedOut(.response))
    recording.subscription.cancel()
  }

  @Test func requestLeavesThemAllWithTheFirst() async throws {
    try await keepDead(2)
    let outcome = exchange(policy: policy) { $0.responseTimeout = .milliseconds(100) }
    try await attempt().respond(body: "2")
    #expect(try await outcome.value.get().body == Array("2".utf8))
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
