internal import Dispatch
internal import Glibc

/// SIGINT and SIGTERM, told to a closure in place of ending the process.
package enum TerminationSignals {
  // Written once, before any other thread is there, and only kept alive after.
  private nonisolated(unsafe) static var sources: [any DispatchSourceSignal] = []

  /// To be called once, at the start of the process. `handler` gets the signal's number, on a queue of its own.
  package static func handle(_ handler: @escaping @Sendable (Int32) -> Void) {
    let queue = DispatchQueue(label: "TerminationSignals", qos: .userInteractive)
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { handler(number) }
      source.activate()
      sources.append(source)
    }
  }

  /// Writes to a peer that is gone fail with an error, as both C libraries and `Output` expect it.
  package static func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }
}
