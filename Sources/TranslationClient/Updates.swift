internal import EventStreamClient

/// A translation's updates, as `TranslationClient.monitor()` gives them.
public struct Updates: AsyncSequence, Sendable {
  public typealias Element = ReceivedUpdate
  public typealias Failure = TranslationError

  let client: TranslationClient

  /// Connects.
  public func makeAsyncIterator() -> Iterator { Iterator(client) }

  /// One connection's updates. For one task at a time.
  public struct Iterator: AsyncIteratorProtocol {
    private let loop: Loop
    private var batch: [ReceivedUpdate] = []
    private var position = 0

    init(_ client: TranslationClient) {
      loop = Loop(client)
    }

    public mutating func next() async throws(TranslationError) -> ReceivedUpdate? {
      try await next(isolation: nil)
    }

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
  let client: TranslationClient
  let monitor: Monitor

  init(_ client: TranslationClient) {
    self.client = client
    monitor = client.startMonitor()
  }

  deinit { client.forget(monitor) }
}
