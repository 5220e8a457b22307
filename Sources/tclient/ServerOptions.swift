import ArgumentParser
import ToolSupport
import EventStreamClient
import Glibc
import Logging
import TranslationClient

/// Which server, and how to talk to it: the options that the commands share.
struct ServerOptions: ParsableArguments {
  @Option(help: "Where the status is. Default: --server's own, $TCLIENT_URL, or http://127.0.0.1:8000/status.")
  var url: String?

  @Option(help: "Where the server is. Default: $TCLIENT_SERVER, or what the URL says before the status's path.")
  var server: String?

  @Option(name: [.customShort("H"), .long], help: "A header field to send, 'Name: value'. May be given again.")
  var header: [HeaderArgument] = []

  @Option(help: BearerToken.help)
  var tokenFile: String?

  @Option(help: "A file of certificate authorities (PEM) to trust in place of the system's.")
  var cacert: String?

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print no more than the result, and nothing on stderr but errors.")
  var quiet = false

  @Option(help: "What to log on stderr.")
  var logLevel = LogLevel(.warning)

  func validate() throws {
    try BearerToken(file: tokenFile).validate()
    try CertificateFile.validate(cacert)
  }

  /// The translation that the URL names.
  ///
  /// - Parameter onState: told each change of the connection's state, besides the log.
  func client(
    _ reconnection: ReconnectionPolicy, onState: @escaping @Sendable (EventSource.State) -> Void = { _ in }
  ) -> TranslationClient {
    TranslationClient(source(statusURL, reconnection), onState: logging(onState))
  }

  /// All of the server's translations.
  ///
  /// - Parameter reconnection: what monitors go by.
  func service(
    _ reconnection: ReconnectionPolicy = .resilient,
    onState: @escaping @Sendable (EventSource.State) -> Void = { _ in }
  ) -> TranslationService {
    TranslationService(source(serverURL, reconnection), requests: Self.requests, onState: logging(onState))
  }

  /// A few attempts: a person waits for the answer.
  private static let requests: ReconnectionPolicy = {
    var policy = TranslationService.someAttempts
    policy.reconnectionTime = .milliseconds(300)
    policy.longestRetryAfter = .seconds(5)
    policy.maxAttempts = 3
    return policy
  }()

  private func source(_ url: String, _ reconnection: ReconnectionPolicy) -> EventSource {
    var source = EventSource(.init(url, headers: header.map(\.header)), reconnection: reconnection)
    source.transport.certificateAuthorities = cacert
    BearerToken(file: tokenFile).authorize(&source)
    return source
  }

  private func logging(
    _ onState: @escaping @Sendable (EventSource.State) -> Void
  ) -> @Sendable (EventSource.State) -> Void {
    let log = logLevel.logger("tclient")
    return { state in
      log.debug("\(state.summary)")
      onState(state)
    }
  }

  /// What is said here counts more than what the environment says.
  private var statusURL: String {
    url ?? server.map(Self.ownStatus) ?? Self.variable("TCLIENT_URL")
      ?? Self.variable("TCLIENT_SERVER").map(Self.ownStatus) ?? "http://127.0.0.1:8000/status"
  }

  /// The translation that a server starts with.
  private static func ownStatus(of server: String) -> String {
    var server = server[...]
    while server.hasSuffix("/") { server.removeLast() }
    return server + "/status"
  }

  private var serverURL: String {
    if let server = server ?? (url == nil ? Self.variable("TCLIENT_SERVER") : nil) { return server }
    var parts = statusURL.prefix { $0 != "?" && $0 != "#" }.split(separator: "/", omittingEmptySubsequences: false)
    // Scheme, nothing, host: the third slash begins the path. One of a proxy's is before the server's own.
    guard parts.count > 3, parts.last == "status" else { return parts.prefix(3).joined(separator: "/") }
    parts.removeLast()
    if parts.count > 4, parts[parts.count - 2] == "translations" { parts.removeLast(2) }
    return parts.joined(separator: "/")
  }

  /// Set to nothing is not set, as with the variables of tserver.
  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}

enum CertificateFile {
  /// Throws for a file that cannot be read: libcurl says no more of it than that it is none.
  static func validate(_ path: String?) throws {
    guard let path, access(path, R_OK) != 0 else { return }
    throw ValidationError("--cacert: cannot read \(path): \(String(cString: strerror(errno))).")
  }
}

/// `Name: value`.
struct HeaderArgument: ExpressibleByArgument {
  let header: EventSource.Header

  init?(argument: String) {
    guard let colon = argument.utf8.firstIndex(of: UInt8(ascii: ":")), colon > argument.startIndex else { return nil }
    let value = argument.utf8[argument.utf8.index(after: colon)...].drop { $0 == UInt8(ascii: " ") }
    header = EventSource.Header(String(argument[..<colon]), String(Substring(value)))
  }
}

extension EventSource.State {
  /// For a person, without the control characters of a server.
  var summary: String {
    let text =
      switch self {
      case .connecting(let attempt): "connecting, attempt \(attempt)"
      case .open(let response): "open: \(response.status) \(response.contentType) from \(response.url)"
      case .waiting(let delay, let error): "\(error); trying again in \(delay.seconds.formatted(decimals: 1)) s"
      }
    return Output.printable(text)
  }
}
