internal import IOQueue

/// The lock that guards the translations of a server: requests come on several threads, timers on another one.
///
/// Whatever says that it lives under the table's lock is touched by who holds it and by nobody else. Nothing is called
/// under it that waits, but the journal's file.
// Sendable: both are.
final class TableLock: Sendable {
  fileprivate let queue: IOQueue
  private let lock = Lock()

  /// - Parameter queue: where timers wait.
  init(timersOn queue: IOQueue) { self.queue = queue }

  func locked<Result>(_ body: () -> Result) -> Result { lock.locked(body) }
}

/// A timer that is set and cancelled under the table's lock, on whatever thread, and acts under it.
// Sendable: the timer is touched on its queue alone, the rest under the lock.
final class TableTimer: @unchecked Sendable {
  private let lock: TableLock
  private let action: () -> Void

  // Under the lock:
  private(set) var isScheduled = false
  private var deadline: UInt64 = 0

  // On the queue. Weak: the queue may outlive this for a moment.
  private lazy var timer = IOTimer(on: lock.queue) { [weak self] in self?.fire() }

  /// The action is kept as long as the timer is: capture its owner weakly.
  init(_ lock: TableLock, action: @escaping () -> Void) {
    self.lock = lock
    self.action = action
  }

  /// Acts after `delay`; again before that moves it.
  func schedule(after delay: Duration) {
    isScheduled = true
    let deadline = Monotonic.now &+ max(delay, .zero).nanoseconds
    self.deadline = deadline
    // However late the queue gets round to it.
    lock.queue.perform { self.timer.schedule(at: deadline) }
  }

  /// Nothing happens after it.
  func cancel() {
    guard isScheduled else { return }
    isScheduled = false
    lock.queue.perform { self.timer.cancel() }
  }

  private func fire() {
    lock.locked {
      // It may have been moved or cancelled by somebody whose word has not reached the queue.
      guard isScheduled, Monotonic.now >= deadline else { return }
      isScheduled = false
      action()
    }
  }
}
