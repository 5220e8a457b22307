internal import Glibc
internal import IOQueue

/// SIGINT and SIGTERM, and SIGHUP if wanted, told to a closure in place of ending the process.
package enum TerminationSignals {
  /// To be called once, before the process has a second thread. From the moment that it returns no signal is lost.
  /// `handler` gets the signal's number, on a thread of its own. If the system has none the signals do what they always do.
  ///
  /// - Parameter hangUp: SIGHUP too, by which a server is told to read its files again.
  package static func handle(hangUp: Bool = false, _ handler: @escaping @Sendable (Int32) -> Void) {
    // Not a DispatchSource: a signal that comes before that is set up, on a thread of its own, goes nowhere. Blocked
    // here, and so in each thread that this one starts, signals stay pending until sigwait takes them.
    let blocked = signals(hangUp: hangUp)
    withUnsafePointer(to: blocked) { _ = pthread_sigmask(SIG_BLOCK, $0, nil) }
    do throws(IOError) {
      try DetachedThread.start {
        while true {
          var number: Int32 = 0
          let failure = withUnsafePointer(to: blocked) { sigwait($0, &number) }
          if failure == 0 { handler(number) }
        }
      }
    } catch {
      withUnsafePointer(to: blocked) { _ = pthread_sigmask(SIG_UNBLOCK, $0, nil) }
    }
  }

  private static func signals(hangUp: Bool) -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    if hangUp { sigaddset(&signals, SIGHUP) }
    return signals
  }

  /// Writes to a peer that is gone fail with an error, as both C libraries and `Output` expect it.
  package static func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }
}
