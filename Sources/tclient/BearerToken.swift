import ArgumentParser
import EventStreamClient
import Glibc
import ToolSupport

/// The bearer token that requests bring. Never on the command line, which is there for everybody to read.
struct BearerToken {
  /// What `--token-file` names; else it is that of the environment.
  let file: String?

  // An option of each command, and not a group of one: the argument parser takes each group apart, at a fortieth of what
  // `status` does in all.
  static let help: ArgumentHelp =
    "A file with the token to send, read again before each attempt. Default: the token in $TCLIENT_TOKEN, if there is one."

  func validate() throws {
    guard let file else { return }
    do { _ = try Self.token(in: file) } catch { throw ValidationError("--token-file: \(error)") }
  }

  /// Has the source send it. A header given in so many words has the last word.
  func authorize(_ source: inout EventSource) {
    guard !source.request.headers.contains(where: { $0.name.lowercased() == "authorization" }) else { return }
    if let file {
      source.authorize(with: { try Self.token(in: file) })
    } else if let token = Self.environment {
      source.authorize(with: { token })
    }
  }

  /// As it is now; nil if none was given.
  func read() throws -> String? { try file.map(Self.token) ?? Self.environment }

  private static var environment: String? {
    getenv("TCLIENT_TOKEN").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func token(in path: String) throws -> String {
    guard let file = SecretFile(path) else {
      throw EventSourceError.preparationFailed("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    // As the server's files: comments and empty lines are passed over, and the first one is it.
    let lines = String(decoding: file.bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    let tokens = lines.compactMap { $0.split { $0 == " " || $0 == "\t" }.first }
    guard let token = tokens.first(where: { !$0.hasPrefix("#") }) else {
      throw EventSourceError.preparationFailed("there is no token in \(path)")
    }
    return String(token)
  }
}
