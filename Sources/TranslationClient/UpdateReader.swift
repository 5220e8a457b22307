internal import EventStream
internal import EventStreamClient
internal import TranslationAPI

/// Turns one connection's events into updates, until the final one.
///
/// Events of a type other than `message`, `status` and `reset` are none of ours. An event that is no status ends a
/// connection that has not brought an update yet, for it leads to the wrong place, and is passed over in one that has:
/// hours of waiting do not end on one odd line. A status that the connection brought before, word for word, is not
/// brought again: servers without event ids repeat the present status at each reconnect, others after a reset.
final class UpdateReader: EventSink {
  /// What is followed.
  enum Scope {
    /// One translation, until its final status.
    case one
    /// Those with these ids, until the last final status; what a stream tells of others is passed over.
    case these(Set<String>)
    /// All there are and will be. Of those that have ended nothing is remembered.
    case all
  }

  private let scope: Scope
  private let outlet: UpdateOutlet
  private let onState: @Sendable (EventSource.State) -> Void
  private let clock: ServerClock?

  // Touched on the engine's queue alone, like all of a sink.
  private nonisolated(unsafe) var chunk: [ReceivedUpdate] = []
  // As `chunk`, all of whose updates came at one time.
  private nonisolated(unsafe) var clockOffset: ClockOffset?
  // As `chunk`. By job; one translation stands under the empty name.
  private nonisolated(unsafe) var latest: [String: StatusUpdate] = [:]
  // As `chunk`. The jobs whose final status is waited for; of all there are, one that never ends.
  private nonisolated(unsafe) var unfinished: Set<String>
  // As `chunk`.
  private nonisolated(unsafe) var hasBegun = false
  // As `chunk`. Each connection may lead to another machine.
  private nonisolated(unsafe) var hasComparedClocks = false
  // As `chunk`.
  private nonisolated(unsafe) var failure: TranslationError?

  /// - Parameter clock: that of the server, compared once events tell when they were sent.
  init(
    _ scope: Scope, into outlet: UpdateOutlet, clock: ServerClock?,
    onState: @escaping @Sendable (EventSource.State) -> Void
  ) {
    self.clock = clock
    self.scope = scope
    self.outlet = outlet
    self.onState = onState
    unfinished = if case .these(let ids) = scope { ids } else { [""] }
  }

  func changed(to state: EventSource.State) {
    if case .open = state { hasComparedClocks = false }
    onState(state)
  }

  func received(comment: borrowing BorrowedComment) {}

  func received(_ event: borrowing BorrowedEvent, at time: Double) {
    guard failure == nil, !unfinished.isEmpty else { return }
    let isReset = event.type == "reset"
    guard event.isMessage || event.type == "status" || isReset else { return }
    do throws(StatusUpdate.DecodingError) {
      let said = try event.withDataBytes { bytes throws(StatusUpdate.DecodingError) in try StatusEvent(json: bytes) }
      hasBegun = true
      // A server that tells when it sends has a clock to compare with; others are not asked for one.
      if said.sent != nil, !hasComparedClocks {
        hasComparedClocks = true
        clock?.begin()
      }
      receive(said.update, sent: said.sent, at: time)
    } catch {
      // The reset of many translations carries none of their statuses.
      if !hasBegun, !isReset { failure = .notAStatus("the server's event is no translation status: \(error)") }
    }
  }

  private func receive(_ update: StatusUpdate, sent: Double?, at time: Double) {
    var job = ""
    switch scope {
    case .one: break
    case .these(let ids):
      guard let name = update.job, ids.contains(name) else { return }
      job = name
    case .all:
      guard let name = update.job else { return }
      job = name
    }
    guard update != latest[job] else { return }
    latest[job] = update
    if case .all = scope {
      if update.status.isFinal { latest[job] = nil }
    } else if update.status.isFinal {
      unfinished.remove(job)
    } else {
      // Of a server that was started anew a job may have come back.
      unfinished.insert(job)
    }
    if chunk.isEmpty { clockOffset = clock?.offset }
    chunk.append(ReceivedUpdate(update, sent: sent, received: time, clockOffset: clockOffset))
  }

  func endedChunk() -> Demand {
    let cost = chunk.reduce(0) { $0 + 256 + ($1.message?.utf8.count ?? 0) + ($1.update.job?.utf8.count ?? 0) }
    let hasRoom = outlet.updates.put(chunk, cost: cost)
    chunk = []
    if failure == nil, !unfinished.isEmpty { return hasRoom ? .more : .pause }
    outlet.end(failure)
    return .stop
  }

  func ended(_ result: Result<EventSource.End, EventSourceError>) {
    switch result {
    case .success(.noContent):
      if case .all = scope { outlet.end(nil) } else { outlet.end(.noFinalStatus) }
    case .success(.cancelled):
      // By the reader itself after the last update, or by a monitor that nobody wants any more.
      if failure == nil, !unfinished.isEmpty { outlet.updates.finish(nil) }
    case .failure(let error): outlet.end(TranslationError(error))
    }
  }
}

/// Where the readers of a monitor's connections put their updates: ends with the last of them, or the first that fails.
final class UpdateOutlet: Sendable {
  /// With room for so much, in bytes as far as a server can make them many.
  let updates = BatchBuffer<ReceivedUpdate, TranslationError>(capacity: 256 * 1024)
  // Touched on the engine's queue alone, like all of a sink.
  private nonisolated(unsafe) var connections: Int

  init(connections: Int) {
    self.connections = connections
    if connections == 0 { updates.finish(nil) }
  }

  /// A connection has ended for good.
  func end(_ failure: TranslationError?) {
    connections -= 1
    if failure != nil || connections == 0 { updates.finish(failure) }
  }
}
