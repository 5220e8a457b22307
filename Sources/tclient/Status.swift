import ArgumentParser
import ToolSupport
import EventStreamClient
import TranslationClient

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Prints the present status, once.",
    discussion: """
      Prints `Current Status: pending, Timestamp: 1733752895.6343958`; the timestamp is when the status came about, \
      in seconds since 1970 by the server's clock. With --quiet, the status alone.
      """)

  @OptionGroup var server: ServerOptions

  func run() throws {
    do throws(TranslationError) {
      let update = try server.client(.never).getStatus()
      if server.json {
        Output.line(update.json)
      } else if server.quiet {
        Output.line(update.status.rawValue)
      } else {
        Output.line("Current Status: \(update.status.rawValue), Timestamp: \(update.timestamp)")
        if let message = update.message { Output.notice(message, of: "tclient") }
      }
    } catch {
      throw failure(error)
    }
  }
}

/// One sentence on stderr, and the exit code.
func failure(_ error: TranslationError) -> ExitCode {
  switch error {
  case .invalidRequest:
    Output.notice("\(error)", of: "tclient")
    return .validationFailure
  case .unreachable(let reason) where reason.hasSuffix("refused"):
    Output.notice(
      "\(error). Is the server running? ./scripts/run-server.sh starts one; --url names another.", of: "tclient")
  case .unreachable:
    Output.notice("\(error). Check the network and the URL: --url names another.", of: "tclient")
  case .refused(let response) where response.isRefusal:
    Output.notice("\(error). Give a token that is good for this with --token-file or TCLIENT_TOKEN.", of: "tclient")
    return .notPermitted
  case .refused(let response) where ![200, 404, 405, 410].contains(response.status):
    Output.notice("\(error).", of: "tclient")
  case .refused, .notAStatus:
    Output.notice("\(error). Check the URL: --url has to name a translation's status.", of: "tclient")
  case .untrusted(let problem, _):
    Output.notice("\(error).\(problem.advice)", of: "tclient")
  case .conflict:
    Output.notice("\(error).", of: "tclient")
    return .translationFailed
  case .noFinalStatus, .stopped, .cancelled:
    Output.notice("\(error)", of: "tclient")
  }
  return .unavailable
}

extension CertificateProblem {
  /// What can be done here, for the end of the line.
  var advice: String { isForWantOfAuthority ? " If it is the right one, name its authority's file with --cacert." : "" }
}

extension Response {
  /// For want of the right token.
  var isRefusal: Bool { status == 401 || status == 403 }
}
