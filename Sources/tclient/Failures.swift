import ArgumentParser
import EventStreamClient
import ToolSupport
import TranslationClient

/// What a command is about: where its mistakes may be.
enum Subject {
  /// The status that the URL names.
  case status
  /// Translations with ids that were given.
  case translations
  /// The same, to be changed.
  case change
}

/// One sentence on stderr, and the exit code.
///
/// - Parameter id: whose failure it is, where there are several.
func failure(_ error: TranslationError, of subject: Subject = .status, _ id: String? = nil) -> ExitCode {
  func say(_ text: String) { Output.notice((id.map { "\($0): " } ?? "") + text, of: "tclient") }
  switch error {
  case .invalidRequest:
    say("\(error)")
    return .validationFailure
  case .unreachable(let reason) where reason.hasSuffix("refused"):
    say("\(error). Is the server running? ./scripts/run-server.sh starts one; --url names another.")
  case .unreachable:
    say("\(error). Check the network and the URL: --url names another.")
  case .refused(let response) where response.isRefusal:
    say("\(error). Give a token that is good for this with --token-file or TCLIENT_TOKEN.")
    return .notPermitted
  case .refused(let response) where subject != .status && [404, 410].contains(response.status):
    say("\(error). tclient list tells which there are; --server names another server.")
    if subject == .change { return .changeRefused }
  case .refused(let response) where subject == .change && 400...499 ~= response.status:
    say("\(error).")
    return .changeRefused
  case .refused(let response) where ![200, 404, 405, 410].contains(response.status):
    say("\(error).")
  case .refused, .notAStatus:
    say("\(error). Check the URL: --url has to name a translation's status.")
  case .untrusted(let problem, _):
    say("\(error).\(problem.advice)")
  case .conflict:
    say("\(error).")
    return .changeRefused
  case .noFinalStatus, .stopped, .cancelled:
    say("\(error)")
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

/// Ids of translations on the command line.
enum GivenIDs {
  /// Throws for what cannot be one, and for a URL, which `stream` and `load` take there.
  static func validate(_ ids: [String]) throws {
    if ids.contains("") { throw ValidationError("An id cannot be empty.") }
    if let url = ids.first(where: { $0.contains("://") }) {
      // An id that a server gave away comes here, too.
      throw ValidationError("\(Output.printable(url)) is a URL, and no translation's id: give it with --url.")
    }
  }
}
