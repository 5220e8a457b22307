internal import Dispatch
public import EventStreamClient

/// Follows a translation on a server: what its status is, and each change of it until it is final.
///
///     let client = TranslationClient(url: "http://127.0.0.1:8000/status")
///     for try await update in client.monitor() {
///       print(update.status, update.timestamp, update.delay)
///     }
///
/// The URL is all it needs: of any server that streams events with `{"status": …, "timestamp": …}` as their data, or
/// answers that once as JSON. Lost connections are made again without the caller's doing, and resumed from the last
/// event ID.
///
/// A delay compares two clocks. A server whose events tell when they were `sent` is asked for its own (`GET /time`,
/// beside the status): when its first event has come, then after 1, 2, 4 … 64 seconds as long as it is followed, each
/// time on a connection that is closed after the last question. So delays are told with how far off they are at the
/// most, provided that the clocks run at most 500 parts in a million apart, and that after two comparisons this rate
/// changes by no more than 10. A suspend of this machine counts as what its own clock makes of it, until the next
/// comparison. Of other servers, and for the first events, the clocks are taken to be equal.
///
/// Everything may be called from any thread.
public final class TranslationClient: Sendable {
  /// Where the status is, and how to stay connected to it.
  public let source: EventSource

  private let onState: @Sendable (EventSource.State) -> Void
  private let comparesClocks: Bool
  private let monitors = Monitors()
  /// Where the closures of `monitor(_:onEnd:)` are called.
  private let queue = DispatchQueue(label: "TranslationClient")

  /// - Parameters:
  ///   - url: an absolute `http` or `https` URL. What is wrong with it is told by whatever uses it first.
  ///   - token: asked before each attempt for the bearer token to send; nil sends none. See `EventSource.authorize`.
  public convenience init(url: String, token: (@Sendable () async throws -> String)? = nil) {
    var source = EventSource(url, reconnection: .resilient)
    if let token { source.authorize(with: token) }
    self.init(source)
  }

  /// For requests that need a proxy, other headers, other time limits or another policy.
  ///
  /// - Parameters:
  ///   - source: where the status is, and how to stay connected to it.
  ///   - comparesClocks: whether the server is asked for its time.
  ///   - onState: each connection's changes of state, for a log. Called on the queue that serves every stream of the
  ///     process: it must not block.
  public init(
    _ source: EventSource, comparesClocks: Bool = true,
    onState: @escaping @Sendable (EventSource.State) -> Void = { _ in }
  ) {
    self.comparesClocks = comparesClocks
    var source = source
    source.singleEventTypes.insert("application/json")
    self.source = source
    self.onState = onState
  }

  // MARK: Once

  /// The present status. One attempt, which `stopMonitoring` does not end; the connection is closed after it,
  /// unless others share it by HTTP/2.
  ///
  /// - Throws: `unreachable` also if the server says nothing for the source's `responseTimeout`; `cancelled` if the
  ///   task is.
  public func getStatus() async throws(TranslationError) -> ReceivedUpdate {
    let monitor = statusRequest()
    let limit = Task { [source] in
      try await EventSource.sleep(for: source.responseTimeout)
      monitor.failLate()
    }
    defer {
      limit.cancel()
      monitor.stop()
    }
    guard let batch = try await monitor.batches.take(cancelled: .cancelled) else { throw .noFinalStatus }
    return batch[0]
  }

  /// As the asynchronous `getStatus`, blocking the calling thread. Traps on the queue that `onState` is called on.
  @available(*, noasync, message: "use the asynchronous getStatus()")
  public func getStatus() throws(TranslationError) -> ReceivedUpdate {
    let monitor = statusRequest()
    defer { monitor.stop() }
    guard let batch = try monitor.takeBlocking(within: source.responseTimeout) else { throw .noFinalStatus }
    return batch[0]
  }

  private func statusRequest() -> Monitor {
    var once = source
    once.reconnection = .never
    once.keepsConnections = false
    // For one status nothing is asked besides.
    let clock = comparesClocks ? ServerClock.known(of: source) : nil
    return Monitor([(once, .one)], clock: clock, onState: onState)
  }

  // MARK: Until the end

  /// The status now and each one after it, to loop over: ends after a final one.
  ///
  /// Each loop is a connection of its own, closed when the loop is left. It ends without an error after
  /// `stopMonitoring`, and throws when the server cannot be reached by the source's policy, answers something that is
  /// no status, or the task is cancelled.
  public func monitor() -> Updates {
    Updates(of: monitors) { [self] in startMonitor() }
  }

  /// The status now and each one after it, by closure: returns at once.
  ///
  /// - Parameters:
  ///   - onUpdate: each update, one at a time, in order, on a queue of this client's, where it may block.
  ///   - onEnd: exactly one call, after the last update: the final update, nil after `stopMonitoring`, or an error.
  public func monitor(
    _ onUpdate: @escaping @Sendable (ReceivedUpdate) -> Void,
    onEnd: @escaping @Sendable (Result<ReceivedUpdate?, TranslationError>) -> Void = { _ in }
  ) {
    let monitor = startMonitor()
    @Sendable func deliver(_ taken: BatchBuffer<ReceivedUpdate, TranslationError>.Taken, after last: ReceivedUpdate?) {
      switch taken {
      case .batch(let batch):
        for update in batch where !monitor.isStopped { onUpdate(update) }
        take(after: batch.last)
      case .end(let failure):
        monitors.forget(monitor)
        if monitor.isStopped { return onEnd(.success(nil)) }
        onEnd(failure.map { .failure($0) } ?? .success(last))
      }
    }
    @Sendable func take(after last: ReceivedUpdate?) {
      monitor.batches.take { [queue] taken in queue.async { deliver(taken, after: last) } }
    }
    take(after: nil)
  }

  /// Blocks the calling thread until a final status, and returns it. Traps on the queue that `onState` is called on.
  ///
  /// - Parameter onUpdate: each update, the final one too, on the calling thread.
  /// - Throws: `stopped` after `stopMonitoring`.
  @available(*, noasync, message: "loop over monitor()")
  @discardableResult
  public func monitorUntilFinal(_ onUpdate: (ReceivedUpdate) -> Void = { _ in }) throws(TranslationError)
    -> ReceivedUpdate
  {
    let monitor = startMonitor()
    defer { monitors.forget(monitor) }
    var last: ReceivedUpdate?
    while let batch = try monitor.takeBlocking() {
      for update in batch where !monitor.isStopped {
        onUpdate(update)
        last = update
      }
    }
    guard !monitor.isStopped, let last else { throw .stopped }
    return last
  }

  /// Ends every monitor of this client that runs now: loops end, `onEnd` is called with success and no update. From any
  /// thread, any number of times, also from inside an update, which then is the last of its monitor.
  ///
  /// It waits for no update, so that it may be called with a lock held that one needs, or by updates of two clients that
  /// stop each other. After it returns no further update is begun: of each monitor one `onUpdate` that had begun may
  /// still be running, or be about to run its first line.
  public func stopMonitoring() {
    monitors.stopAll()
  }

  private func startMonitor() -> Monitor {
    monitors.start { Monitor([(source, .one)], comparing: comparesClocks, onState: onState) }
  }
}

extension Duration {
  /// In seconds.
  var timeInterval: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
