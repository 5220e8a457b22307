package import EventStream

/// Where a connection's events go. All calls come one at a time, in order, on the engine's queue.
package protocol EventSink: AnyObject, Sendable {
  func changed(to state: EventSource.State)
  func received(comment: borrowing BorrowedComment)
  func received(_ event: borrowing BorrowedEvent, at time: Double)
  /// The events of what one read brought have been handed over.
  func endedChunk() -> Demand
  /// The last call of all.
  func ended(_ result: Result<EventSource.End, EventSourceError>)
}

/// What a sink wants next.
package enum Demand: Sendable {
  case more
  /// Nothing, until `Subscription.resume`, but for a response that is one event in whole: it is here already.
  case pause
  /// Nothing ever: as if the subscription had been cancelled.
  case stop
}

/// The sink behind `EventSource.open(onEvent:)`.
final class ClosureSink: EventSink {
  private let onState: @Sendable (EventSource.State) -> Void
  private let onComment: @Sendable (String) -> Void
  private let onEvent: @Sendable (borrowing BorrowedEvent, Double) -> Void
  private let onEnd: @Sendable (Result<EventSource.End, EventSourceError>) -> Void

  init(
    onState: @escaping @Sendable (EventSource.State) -> Void, onComment: @escaping @Sendable (String) -> Void,
    onEvent: @escaping @Sendable (borrowing BorrowedEvent, Double) -> Void,
    onEnd: @escaping @Sendable (Result<EventSource.End, EventSourceError>) -> Void
  ) {
    self.onState = onState
    self.onComment = onComment
    self.onEvent = onEvent
    self.onEnd = onEnd
  }

  func changed(to state: EventSource.State) { onState(state) }
  func received(comment: borrowing BorrowedComment) { onComment(comment.text) }
  func received(_ event: borrowing BorrowedEvent, at time: Double) { onEvent(event, time) }
  func endedChunk() -> Demand { .more }
  func ended(_ result: Result<EventSource.End, EventSourceError>) { onEnd(result) }
}
