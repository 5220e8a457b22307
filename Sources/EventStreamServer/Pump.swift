internal import CMicrohttpd
internal import IOQueue

/// Gives libmicrohttpd its turns: when its epoll descriptor is ready, when a connection was resumed, when its timeout
/// has passed.
///
/// Never inside a call of libmicrohttpd's: what happens there is seen to by the turns that go on around it.
// Sendable: touched on `queue` alone.
final class Pump: IOHandler, @unchecked Sendable {
  private let queue: IOQueue
  private let handle: OpaquePointer
  /// Called after each run.
  private let afterRun: () -> Void

  private var isRunning = false
  private var isDue = false
  private var isScheduled = false
  /// How often libmicrohttpd has called.
  private var calls = 0
  /// Till the next run, where the last one has come to nothing.
  private var pause = Pump.shortestPause
  private lazy var timeout = IOTimer(on: queue) { [unowned self] in run() }

  /// Turns in one run, before others on the queue have theirs.
  private static let turns = 32
  /// Turns in a row in which libmicrohttpd asks for another and calls nobody.
  private static let idleTurns = 3
  private static let shortestPause: Duration = .milliseconds(1)
  private static let longestPause: Duration = .milliseconds(64)

  init(_ handle: OpaquePointer, on queue: IOQueue, afterRun: @escaping () -> Void) {
    self.handle = handle
    self.queue = queue
    self.afterRun = afterRun
    queue.watch(sse_mhd_epoll_fd(handle), for: .readable, self)
  }

  func ready(_ descriptor: Int32, _ events: IOEvents) { run() }

  /// Runs after what the queue does now: several events published in one turn cost one pass over the connections.
  func setNeedsRun() {
    isDue = true
    guard !isRunning, !isScheduled else { return }
    isScheduled = true
    queue.perform {
      self.isScheduled = false
      if self.isDue { self.run() }
    }
  }

  /// libmicrohttpd has called, within a run: it gets on with something.
  func wasCalled() { calls &+= 1 }

  func run() {
    queue.assertCurrent()
    guard !isRunning else { return }
    isRunning = true
    var turn = 0
    var idle = 0
    var hasTimeout = false
    var milliseconds: UInt64 = 0
    repeat {
      isDue = false
      let before = calls
      MHD_run(handle)
      idle = calls == before ? idle + 1 : 0
      // A timeout of 0 says that there is more to do at once. Of a connection that was resumed in this very turn it says
      // nothing; `setNeedsRun` did.
      hasTimeout = MHD_get_timeout(handle, &milliseconds) == .YES
      if hasTimeout && milliseconds == 0 { isDue = true }
      turn += 1
    } while isDue && turn < Self.turns && idle < Self.idleTurns
    isRunning = false
    if isDue && idle >= Self.idleTurns {
      // 0.9.75 asks for turns without end when a line in the framing of a body's chunks fills its buffer and goes on: it
      // can neither read more of it nor answer. The request's deadline ends that.
      timeout.schedule(after: pause)
      pause = min(pause * 2, Self.longestPause)
      return afterRun()
    }
    pause = Self.shortestPause
    if isDue {
      setNeedsRun()
    } else if hasTimeout {
      timeout.schedule(after: .milliseconds(Int64(clamping: milliseconds)))
    }
    afterRun()
  }

  /// No turn begins after it.
  func stop() {
    queue.unwatch(sse_mhd_epoll_fd(handle))
    timeout.cancel()
    isDue = false
  }
}
