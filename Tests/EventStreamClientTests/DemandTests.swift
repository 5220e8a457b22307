import EventStream
import TestSupport
import Testing

@testable import EventStreamClient

/// What a sink asks for at the end of a chunk.
@Suite(.paced, .timeLimit(.minutes(3)))
struct DemandTests: Streaming {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  /// Demands the same after each chunk that held an event.
  private final class Sink: EventSink {
    let demand: Demand
    let events = Recorder<String>()
    let states = Recorder<EventSource.State>()
    let ends = Recorder<Result<EventSource.End, EventSourceError>>()

    init(_ demand: Demand) { self.demand = demand }

    func changed(to state: EventSource.State) { states.append(state) }
    func received(comment: borrowing BorrowedComment) {}
    func received(_ event: borrowing BorrowedEvent, at time: Double) { events.append(event.data) }
    func endedChunk() -> Demand { events.count > 0 ? demand : .more }
    func ended(_ result: Result<EventSource.End, EventSourceError>) { ends.append(result) }
  }

  @Test func sinkThatWantsNoMoreIsNotToldThatTheNextEventIsTooLarge() async throws {
    var source = EventSource.quick(peer.url())
    source.maxEventBytes = 100
    let sink = Sink(.stop)
    _ = source.open(sink)
    let (connection, _) = try await stream()
    // All in one read.
    try await connection.sendChunk("data: 1\n\ndata: " + String(repeating: "x", count: 300))
    #expect(try await sink.ends.wait(count: 1) == [.success(.cancelled)])
    #expect(sink.events.all == ["1"])
    try await connection.closedByClient()
  }

  /// It is the answer to an attempt after the stream that filled the sink.
  @Test func wholeResponseReachesASinkWithoutRoom() async throws {
    var source = EventSource.quick(peer.url())
    source.singleEventTypes = ["application/json"]
    let sink = Sink(.pause)
    let subscription = source.open(sink)
    let (connection, _) = try await stream()
    try await connection.sendChunk("data: 1\n\n")
    try await sink.events.wait(count: 1)
    // The connection is kept for the next attempt.
    try await connection.endChunks()
    _ = try await connection.request()
    try await connection.respond(headers: ["Content-Type": "application/json", "Connection": "close"], body: "2")
    let ended = EventSource.State.waiting(.zero, because: .streamEnded)
    try await sink.states.wait { $0.count { $0 == ended } >= 2 }
    #expect(sink.events.all == ["1", "2"])
    subscription.cancel()
  }
}
