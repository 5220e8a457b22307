import Dispatch
import Glibc

/// SIGINT and SIGTERM end the process at once, whatever it waits for, with the exit code a shell expects.
enum Signals {
  // Written once, before any other thread is there, and only kept alive after.
  private nonisolated(unsafe) static var sources: [any DispatchSourceSignal] = []

  static func exitOnInterrupt() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler {
        LiveLine.erase()
        exit(128 + number)
      }
      source.activate()
      sources.append(source)
    }
  }
}
