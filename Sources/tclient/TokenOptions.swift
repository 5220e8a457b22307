import ArgumentParser
import EventStreamClient
import Glibc
import ToolSupport

/// The bearer token that requests bring. Never on the command line, which is there for everybody to read.
struct TokenOptions: ParsableArguments {
  @Option(
    help: """
      A file with the token to send, read again before each attempt. Default: the token in $TCLIENT_TOKEN, if there is one.
      """)
  var tokenFile: String?

  func validate() throws {
    guard let tokenFile else { return }
    do { _ = try Self.token(in: tokenFile) } catch { throw ValidationError("--token-file: \(error)") }
  }

  /// Has the source send it. A header given in so many words has the last word.
  func authorize(_ source: inout EventSource) {
    guard !source.request.headers.contains(where: { $0.name.lowercased() == "authorization" }) else { return }
    if let tokenFile {
      source.authorize(with: { try Self.token(in: tokenFile) })
    } else if let token = Self.environment {
      source.authorize(with: { token })
    }
  }

  /// As it is now; nil if none was given.
  func token() throws -> String? { try tokenFile.map(Self.token) ?? Self.environment }

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
