/// Calls its action once, on its queue, when a time has passed.
///
/// Used only on the queue. The action is kept as long as the timer is: capture its owner weakly or unowned.
package final class IOTimer {
  private unowned let queue: IOQueue
  let action: () -> Void

  // The queue's timer heap:
  var deadline: UInt64 = 0
  var position: Int?

  package init(on queue: IOQueue, action: @escaping () -> Void) {
    self.queue = queue
    self.action = action
  }

  package var isScheduled: Bool { position != nil }

  /// Fires after `delay`; again before that moves it.
  ///
  /// - Parameter tolerance: how much later will do. Timers with a tolerance fire together at its multiples, so that
  ///   ten thousand watchdogs cost one wake and not ten thousand.
  package func schedule(after delay: Duration, tolerance: Duration = .zero) {
    var deadline = Monotonic.now &+ max(delay, .zero).nanoseconds
    let step = tolerance.nanoseconds
    if step > 0 { deadline = (deadline / step &+ 1) &* step }
    schedule(at: deadline)
  }

  /// Fires at that time of the monotonic clock; again before that moves it.
  package func schedule(at deadline: UInt64) { queue.schedule(self, at: deadline) }

  /// Nothing happens after it; not scheduled is fine.
  package func cancel() {
    guard isScheduled else { return }
    queue.cancel(self)
  }
}
