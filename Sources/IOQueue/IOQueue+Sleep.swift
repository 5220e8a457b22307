extension IOQueue {
  /// Waits for so long, by a timer of the queue's. From any task.
  ///
  /// - Throws: at once when the task is cancelled, and when it was before. On a queue that is closed it waits for that
  ///   alone.
  package func sleep(for duration: Duration) async throws(CancellationError) {
    let sleep = Sleep(on: self)
    let isOver = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in perform { sleep.begin(for: duration, continuation) } }
    } onCancel: {
      perform { sleep.cancel() }
    }
    guard isOver else { throw CancellationError() }
  }
}

/// One `sleep`.
// Sendable: touched on the queue alone.
private final class Sleep: @unchecked Sendable {
  private let queue: IOQueue
  private var continuation: CheckedContinuation<Bool, Never>?
  private var isCancelled = false
  private lazy var timer = IOTimer(on: queue) { [unowned self] in end(true) }

  init(on queue: IOQueue) { self.queue = queue }

  func begin(for duration: Duration, _ continuation: CheckedContinuation<Bool, Never>) {
    self.continuation = continuation
    if isCancelled { return end(false) }
    timer.schedule(after: duration)
  }

  func cancel() {
    isCancelled = true
    timer.cancel()
    end(false)
  }

  private func end(_ isOver: Bool) {
    continuation?.resume(returning: isOver)
    continuation = nil
  }
}
