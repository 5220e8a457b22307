import ArgumentParser
import Glibc
import Synchronization
import ToolSupport

@main
struct Tool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tclient",
    abstract: "Tells how translations on a server are getting on.",
    discussion: """
      Start with a server of your own (./scripts/run-server.sh), then:

        tclient status                  the present status
        tclient monitor                 each status until the final one, with its delay
        tclient submit de en            a translation of your own
        tclient monitor ID ID …         many translations at once
        tclient top                     all of them, live
        tclient list, cancel, publish   what there is, an end to it, a worker's report
        tclient stream URL              any event stream, one JSON object a line
        tclient load URL                many subscribers at once, and what that costs the server

      The server is --url, or TCLIENT_URL, or http://127.0.0.1:8000/status.

      Exit codes: 0 the translation completed, 1 it failed or the server refuses a change, 64 wrong usage, 69 no \
      status could be had from the server, 74 standard output cannot be written, 77 the server wants another token, \
      130 Ctrl-C, 143 SIGTERM.
      """,
    version: "1.0.0",
    // Each says its own name: one made of its type's would be an eighth of what `status` does in all.
    subcommands: [
      Status.self, Monitor.self, Submit.self, List.self, Top.self, Cancel.self, Publish.self, Stream.self,
      LoadTest.self,
    ])

  /// What the first signal does in place of ending the process.
  static let interrupt = Mutex<(@Sendable (Int32) -> Void)?>(nil)

  static func main() {
    // Output may go to a pipe that is closed, and libcurl's TLS writes to sockets that are: both are told by errors.
    TerminationSignals.ignoreBrokenPipes()
    Self.main(nil)
    ProcessEnd.now(EXIT_SUCCESS)
  }

  /// SIGINT and SIGTERM leave the terminal as it was, and end the process with 128 and their number. For a command that
  /// goes on until it is stopped, and before it begins anything. The others die of them, as processes do: a thread that
  /// waits for signals would be a thirtieth of what `status` does in all.
  static func handleSignals() { signals }

  private static let signals: Void = TerminationSignals.handle { number in
    if let interrupt = interrupt.withLock({ $0.take() }) { return interrupt(number) }
    LiveLine.eraseAtExit()
    Terminal.restoreAtExit()
    ProcessEnd.now(128 + number)
  }
}

extension ExitCode {
  /// The translation failed.
  static let translationFailed = ExitCode(1)
  /// The server refused to change a translation as it was asked to.
  static let changeRefused = ExitCode(1)
  /// EX_UNAVAILABLE of sysexits.h.
  static let unavailable = ExitCode(69)
  /// EX_NOPERM.
  static let notPermitted = ExitCode(77)
}
