import ArgumentParser
import ToolSupport
import Dispatch
import EventStream
import EventStreamClient
import Glibc
import Logging
import Synchronization
import TranslationAPI

struct Stream: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "Prints any event stream, one JSON object a line.",
    discussion: """
      Each event is a line {"type":…,"data":…,"id":…}, written at once. It reconnects as a browser's EventSource does, \
      with Last-Event-ID, until the server answers 204 (exit code 0) or the policy gives up (exit code 69).

        tclient stream https://example.org/events --header 'Authorization: Bearer …'
        tclient stream http://127.0.0.1:8000/status --retry-delay 0 --comments | jq .data
      """)

  @Argument(help: "The stream: an http or https URL.")
  var url: String

  @Option(
    parsing: .unconditional, help: "The initial reconnection time in milliseconds; the server's retry field changes it."
  )
  var retryDelay: Int = 2000

  @Option(help: "standard: any answer but an event stream is final; resilient: 429 and 5xx are tried again.")
  var policy: Policy = .standard

  @Option(parsing: .unconditional, help: "Give up after so many attempts in a row that could not open the stream.")
  var maxAttempts: Int?

  @Option(name: [.customShort("X"), .long], help: "The request's method. Default: GET, or POST with --data.")
  var method: String?

  @Option(name: [.customShort("H"), .long], help: "A header field to send, 'Name: value'. May be given again.")
  var header: [HeaderArgument] = []

  @Option(help: BearerToken.help)
  var tokenFile: String?

  @Option(name: .shortAndLong, parsing: .unconditional, help: "The request's body, sent again at each reconnect.")
  var data: String?

  @Option(parsing: .unconditional, help: "Where to resume: the first request's Last-Event-ID.")
  var lastEventId: String = ""

  @Option(
    parsing: .unconditional,
    help: "Reconnect when nothing came for so many seconds. Default: three times the stream's heartbeat interval.")
  var idleTimeout: Double?

  @Flag(help: "Print comments too, as {\"comment\":…}.")
  var comments = false

  @Option(parsing: .unconditional, help: "The largest event, in bytes; a larger one ends the stream.")
  var maxEventBytes: Int = 16 * 1024 * 1024

  @Option(help: "A file of certificate authorities (PEM) to trust in place of the system's.")
  var cacert: String?

  @Option(help: "What to log on stderr.")
  var logLevel = LogLevel(.warning)

  enum Policy: String, ExpressibleByArgument, CaseIterable {
    case standard, resilient
  }

  func validate() throws {
    guard retryDelay >= 0 else { throw ValidationError("--retry-delay has to be 0 or more milliseconds.") }
    guard maxEventBytes > 0 else { throw ValidationError("--max-event-bytes has to be more than 0.") }
    if let maxAttempts, maxAttempts < 1 { throw ValidationError("--max-attempts has to be 1 or more.") }
    if let idleTimeout, !(idleTimeout > 0 && idleTimeout < 1e9) {
      throw ValidationError("--idle-timeout has to be more than 0 seconds.")
    }
    guard lastEventId.utf8.allSatisfy({ $0 != 0 && $0 != 0x0A && $0 != 0x0D }) else {
      throw ValidationError("--last-event-id cannot hold a line break or a NUL.")
    }
    try BearerToken(file: tokenFile).validate()
    try CertificateFile.validate(cacert)
  }

  private var source: EventSource {
    let request = EventSource.Request(
      url, method: method ?? (data == nil ? "GET" : "POST"), headers: header.map(\.header),
      body: data.map { Array($0.utf8) })
    var source = EventSource(request, reconnection: policy == .standard ? .standard : .resilient)
    source.reconnection.reconnectionTime = .milliseconds(retryDelay)
    source.reconnection.maxAttempts = maxAttempts
    source.lastEventID = lastEventId
    source.idleTimeout = idleTimeout.map { .after(.seconds($0)) } ?? .automatic
    source.maxEventBytes = maxEventBytes
    source.transport.certificateAuthorities = cacert
    BearerToken(file: tokenFile).authorize(&source)
    return source
  }

  func run() throws {
    Tool.handleSignals()
    let log = logLevel.logger("tclient")
    let comments = self.comments
    let result = Mutex<Result<EventSource.End, EventSourceError>?>(nil)
    let end = DispatchSemaphore(value: 0)
    // A reader of our output that stalls holds up the one thread that reads the stream, and so the stream: just that.
    source.open(
      onState: { state in log.debug("\(state.summary)") },
      onComment: { text in
        if comments { Output.json(JSONWriter.object { $0.member("comment", text) }) }
      },
      onEvent: { event, _ in
        // Values that cannot be copied cannot be captured.
        let (type, data, id) = (event.type, event.data, event.id)
        Output.json(
          JSONWriter.object {
            $0.member("type", type)
            $0.member("data", data)
            $0.member("id", id)
          })
      },
      onEnd: { ended in
        result.withLock { $0 = ended }
        end.signal()
      })
    end.wait()
    if case .failure(let error) = result.withLock({ $0 })! {
      if case .untrusted(let problem, _) = error {
        Output.notice("\(error).\(problem.advice)", of: "tclient")
      } else {
        Output.notice("\(error)", of: "tclient")
      }
      if case .invalidRequest = error { throw ExitCode.validationFailure }
      if case .unexpectedStatus(let response) = error, response.isRefusal { throw ExitCode.notPermitted }
      throw ExitCode.unavailable
    }
  }
}
