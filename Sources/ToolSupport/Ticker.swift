internal import Dispatch
internal import IOQueue

/// Calls a closure again and again, on a thread of its own, until it is let go.
package final class Ticker: Sendable {
  private let isOver = DispatchSemaphore(value: 0)

  /// - Parameter action: called first when the interval has passed; one that takes long delays the next. Where the
  ///   system has no thread for it, it is never called.
  package init(every interval: Duration, _ action: @escaping @Sendable () -> Void) {
    let pause = DispatchTimeInterval.nanoseconds(Int(clamping: interval.nanoseconds))
    try? DetachedThread.start { [isOver] in
      while isOver.wait(timeout: .now() + pause) == .timedOut { action() }
    }
  }

  deinit { isOver.signal() }
}
