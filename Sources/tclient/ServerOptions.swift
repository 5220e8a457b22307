import ArgumentParser
import ToolSupport
import EventStreamClient
import Glibc
import Logging
import TranslationClient

/// Which server, and how to talk to it: the options that `status` and `monitor` share.
struct ServerOptions: ParsableArguments {
  @Option(help: "Where the status is. Default: $TCLIENT_URL, or http://127.0.0.1:8000/status.")
  var url: String?

  @Option(name: [.customShort("H"), .long], help: "A header field to send, 'Name: value'. May be given again.")
  var header: [HeaderArgument] = []

  @Option(help: "A file of certificate authorities (PEM) to trust in place of the system's.")
  var cacert: String?

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print no more than the result, and nothing on stderr but errors.")
  var quiet = false

  @Option(help: "What to log on stderr.")
  var logLevel = LogLevel(.warning)

  /// - Parameter onState: told each change of the connection's state, besides the log.
  func client(
    _ reconnection: ReconnectionPolicy, onState: @escaping @Sendable (EventSource.State) -> Void = { _ in }
  ) -> TranslationClient {
    // Set to nothing is not set, as with the variables of tserver.
    let variable = getenv("TCLIENT_URL").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    let url = self.url ?? variable ?? "http://127.0.0.1:8000/status"
    var source = EventSource(.init(url, headers: header.map(\.header)), reconnection: reconnection)
    source.transport.certificateAuthorities = cacert
    let log = logLevel.logger("tclient")
    return TranslationClient(source) { state in
      log.debug("\(state.summary)")
      onState(state)
    }
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
  var summary: String {
    switch self {
    case .connecting(let attempt): "connecting, attempt \(attempt)"
    case .open(let response): "open: \(response.status) \(response.contentType) from \(response.url)"
    case .waiting(let delay, let error): "\(error); trying again in \(delay.seconds.formatted(decimals: 1)) s"
    }
  }
}
