public import EventStream

extension EventSource {
  /// The events, as a sequence to loop over.
  ///
  /// Each loop opens a connection of its own, which closes when the loop is left, by whatever way. The loop ends when
  /// the server says that there is no more (204), and throws when the policy gives up or, with `cancelled`, when its
  /// task is cancelled. A loop that is slower than its stream slows the stream down: unread events are held up to
  /// about 256 KiB, then the connection is not read from until the loop catches up.
  public func events() -> Events { Events(source: self) }

  /// A source's events: connects for each loop, and not before one begins. See ``EventSource/events()``.
  public struct Events: AsyncSequence, Sendable {
    public typealias Element = ServerSentEvent
    public typealias Failure = EventSourceError

    let source: EventSource

    /// Connects.
    public func makeAsyncIterator() -> Iterator { Iterator(source) }

    /// One connection's events. For one task at a time.
    public struct Iterator: AsyncIteratorProtocol {
      private let batches: SubscribedBatches<PackedEvents, EventSourceError>
      private var batch: ArraySlice<PackedEvents> = []
      private var events = PackedEvents.Reader(PackedEvents())

      init(_ source: EventSource) {
        let sink = EventCollector()
        batches = SubscribedBatches(sink.buffer, [source.open(sink)])
      }

      /// The next event, in the stream's order; nil when the server has said that there is no more (204).
      ///
      /// Throws when the policy gives up, and `cancelled` if the task is cancelled; after either the connection is closed.
      public mutating func next() async throws(EventSourceError) -> ServerSentEvent? {
        try await next(isolation: nil)
      }

      /// The same, for a loop in an actor's isolation.
      public mutating func next(
        isolation actor: isolated (any Actor)?
      ) async throws(EventSourceError) -> ServerSentEvent? {
        guard !Task.isCancelled else {
          batches.cancel()
          throw .cancelled
        }
        while true {
          if let event = events.next() { return event }
          if batch.isEmpty {
            guard let taken = try await batches.take(cancelled: .cancelled) else { return nil }
            batch = taken[...]
          }
          events = PackedEvents.Reader(batch.removeFirst())
        }
      }
    }
  }
}

/// A buffer with the subscriptions that fill it, which end when nobody holds this any more: a loop that was left.
package final class SubscribedBatches<Element: Sendable, Failure: Error>: Sendable {
  private let buffer: BatchBuffer<Element, Failure>
  private let subscriptions: [EventSource.Subscription]

  package init(_ buffer: BatchBuffer<Element, Failure>, _ subscriptions: [EventSource.Subscription]) {
    self.buffer = buffer
    self.subscriptions = subscriptions
  }

  deinit { cancel() }

  /// Closes the connections.
  package func cancel() {
    for subscription in subscriptions { subscription.cancel() }
  }

  /// The next batch, never empty; nil at the end.
  ///
  /// - Parameter cancelled: what to throw if the task is cancelled meanwhile.
  package func take(
    isolation: isolated (any Actor)? = #isolation, cancelled: Failure
  ) async throws(Failure) -> [Element]? {
    let taken = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        take { continuation.resume(returning: $0) }
      }
    } onCancel: {
      buffer.finish(cancelled, discarding: true)
      cancel()
    }
    switch taken {
    case .batch(let batch): return batch
    case .end(nil): return nil
    case .end(let failure?): throw failure
    }
  }

  /// Hands the next batch, or the end, to `consumer`; see `BatchBuffer.take`.
  package func take(_ consumer: @escaping @Sendable (BatchBuffer<Element, Failure>.Taken) -> Void) {
    guard buffer.take(consumer) else { return }
    for subscription in subscriptions { subscription.resume() }
  }
}

/// Copies events into a buffer for a consumer elsewhere.
private final class EventCollector: EventSink {
  let buffer = BatchBuffer<PackedEvents, EventSourceError>(capacity: 256 * 1024)
  // Touched on the engine's queue alone, like all of a sink.
  @exclusivity(unchecked) private nonisolated(unsafe) var events = PackedEvents()

  func changed(to state: EventSource.State) {}
  func received(comment: borrowing BorrowedComment) {}
  func received(_ event: borrowing BorrowedEvent, at time: Double) { events.append(event) }

  func endedChunk() -> Demand {
    let cost = events.byteCount
    return buffer.put(events.isEmpty ? [] : [events.takeAll()], cost: cost) ? .more : .pause
  }

  func ended(_ result: Result<EventSource.End, EventSourceError>) {
    switch result {
    case .success: buffer.finish(nil)
    case .failure(let error): buffer.finish(error)
    }
  }
}
