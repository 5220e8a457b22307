internal import EventStreamClient

/// A translation's updates, or those of many, as `monitor` gives them.
public struct Updates: AsyncSequence, Sendable {
  public typealias Element = ReceivedUpdate
  public typealias Failure = TranslationError

  private let monitors: Monitors
  private let start: @Sendable () -> Monitor

  /// - Parameter start: begins a monitor, one of `monitors`.
  init(of monitors: Monitors, start: @escaping @Sendable () -> Monitor) {
    self.monitors = monitors
    self.start = start
  }

  /// Connects.
  public func makeAsyncIterator() -> Iterator { Iterator(Loop(start(), of: monitors)) }

  /// One connection's updates. For one task at a time.
  public struct Iterator: AsyncIteratorProtocol {
    private let loop: Loop
    private var batch: [ReceivedUpdate] = []
    private var position = 0

    fileprivate init(_ loop: Loop) { self.loop = loop }

    /// The next update, in order; nil after the last final one, or after `stopMonitoring`.
    public mutating func next() async throws(TranslationError) -> ReceivedUpdate? {
      try await next(isolation: nil)
    }

    /// The same, for a loop in an actor's isolation.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(TranslationError) -> ReceivedUpdate? {
      guard !loop.monitor.isStopped else { return nil }
      guard !Task.isCancelled else { throw .cancelled }
      if position == batch.count {
        guard let taken = try await loop.monitor.batches.take(cancelled: .cancelled) else { return nil }
        guard !loop.monitor.isStopped else { return nil }
        batch = taken
        position = 0
      }
      defer { position += 1 }
      return batch[position]
    }
  }
}

/// Closes the connection when the loop is left, by whatever way.
private final class Loop: Sendable {
  let monitor: Monitor
  private let monitors: Monitors

  init(_ monitor: Monitor, of monitors: Monitors) {
    self.monitor = monitor
    self.monitors = monitors
  }

  deinit { monitors.forget(monitor) }
}
