internal import EventStream
internal import EventStreamClient
internal import TranslationAPI

/// Turns one connection's events into updates, until the final one.
///
/// Events of a type other than `message` and `status` are none of ours. An event that is no status ends a connection
/// that has not brought an update yet, for it leads to the wrong place, and is passed over in one that has: hours of
/// waiting do not end on one odd line. A status that the connection brought before, word for word, is not brought
/// again: servers without event ids repeat the present status at each reconnect.
final class UpdateReader: EventSink {
  let updates: BatchBuffer<ReceivedUpdate, TranslationError>
  private let onState: @Sendable (EventSource.State) -> Void

  // Touched on the engine's queue alone, like all of a sink.
  private nonisolated(unsafe) var chunk: [ReceivedUpdate] = []
  // As `chunk`.
  private nonisolated(unsafe) var last: StatusUpdate?
  // As `chunk`.
  private nonisolated(unsafe) var failure: TranslationError?

  init(onState: @escaping @Sendable (EventSource.State) -> Void) {
    // In bytes, as far as a server can make them many.
    updates = BatchBuffer(capacity: 256 * 1024)
    self.onState = onState
  }

  func changed(to state: EventSource.State) { onState(state) }
  func received(comment: borrowing BorrowedComment) {}

  func received(_ event: borrowing BorrowedEvent, at time: Double) {
    guard failure == nil, last?.status.isFinal != true, event.isMessage || event.type == "status" else { return }
    do throws(StatusUpdate.DecodingError) {
      let update = try event.withDataBytes { bytes throws(StatusUpdate.DecodingError) in try StatusUpdate(json: bytes) }
      guard update != last else { return }
      last = update
      chunk.append(ReceivedUpdate(update, received: time))
    } catch {
      if last == nil { failure = .notAStatus("the server's event is no translation status: \(error)") }
    }
  }

  func endedChunk() -> Demand {
    let cost = chunk.reduce(0) { $0 + 256 + ($1.message?.utf8.count ?? 0) + ($1.update.job?.utf8.count ?? 0) }
    let hasRoom = updates.put(&chunk, cost: cost)
    if failure == nil, last?.status.isFinal != true { return hasRoom ? .more : .pause }
    updates.finish(failure)
    return .stop
  }

  func ended(_ result: Result<EventSource.End, EventSourceError>) {
    switch result {
    case .success(.noContent): updates.finish(.noFinalStatus)
    case .success(.cancelled): updates.finish(nil)
    case .failure(let error): updates.finish(TranslationError(error))
    }
  }
}
