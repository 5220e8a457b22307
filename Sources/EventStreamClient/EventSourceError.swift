/// Why a stream could not be opened, was lost, or ended for good.
public enum EventSourceError: Error, Sendable, Hashable {
  /// The request cannot be sent as it is: mend what the text names.
  case invalidRequest(String)
  /// No connection, or it broke: the server is away, or the way to it. Worth another attempt.
  case connectionFailed(String)
  /// Nothing came for as long as allowed. Worth another attempt.
  case timedOut(Wait)
  /// The certificate of `host` is not to be trusted: the problem says what to do.
  case untrusted(CertificateProblem, host: String)
  /// Whoever listens there does not speak HTTP: check the port.
  case notHTTP(String)
  /// A redirect that leads nowhere, or one too many: check the URL.
  case redirectFailed(String)
  /// An answer other than 200: check the URL and the credentials; the response says more.
  case unexpectedStatus(Response)
  /// An answer that is no event stream: check the URL; the response says more.
  case unexpectedContentType(Response)
  /// An event larger than the source's `maxEventBytes`: allow more, or ask the server to send less.
  case eventTooLarge(limit: Int)
  /// The server ended the stream. Worth another attempt.
  case streamEnded
  /// The source's `prepare` threw this. Worth another attempt.
  case preparationFailed(String)
  /// The policy's limit is reached; `because` is the last failure.
  indirect case gaveUp(attempts: Int, because: EventSourceError)
  /// The task that read the stream was cancelled.
  case cancelled

  /// What was waited for.
  public enum Wait: String, Sendable, Hashable {
    /// The name lookup, the connection and the TLS handshake: ``EventSource/connectTimeout``.
    case connection
    /// The response's head: ``EventSource/responseTimeout``.
    case response
    /// Any byte of an open stream: ``EventSource/idleTimeout``.
    case bytes
  }
}

/// The head of a response, and as much of a refusal's body as explains it.
public struct Response: Sendable, Hashable {
  /// The status code, such as 404.
  public var status: Int
  /// The Content-Type field as it came; empty if there was none.
  public var contentType: String
  /// Where the response came from, after redirects; without user name and password.
  public var url: String
  /// How long the server asks to be left alone.
  public var retryAfter: Duration?
  /// The first bytes of a body that is no event stream, at most `bodyLimit`; invalid UTF-8 repaired.
  public var body: String = ""

  package init(status: Int, contentType: String, url: String, retryAfter: Duration? = nil) {
    self.status = status
    self.contentType = contentType
    self.url = url
    self.retryAfter = retryAfter
  }

  /// At most so many bytes of a body are kept.
  public static let bodyLimit = 4096

  /// The content type without its parameters, in lower case.
  public var mediaType: String {
    let end = contentType.utf8.firstIndex(of: UInt8(ascii: ";")) ?? contentType.endIndex
    return contentType[..<end].trimmed.lowercased()
  }
}

extension EventSourceError {
  /// How long the server asks to be left alone.
  var retryAfter: Duration? {
    if case .unexpectedStatus(let response) = self { response.retryAfter } else { nil }
  }
}

extension EventSourceError: CustomStringConvertible {
  /// One sentence for a person.
  public var description: String {
    switch self {
    case .invalidRequest(let reason): "the request is not valid: \(reason)"
    case .connectionFailed(let reason): reason
    case .timedOut(.connection): "the connection could not be made in time"
    case .timedOut(.response): "the server did not answer in time"
    case .timedOut(.bytes): "the stream went silent for longer than allowed"
    case .untrusted(let problem, let host): problem.sentence(on: host)
    case .notHTTP(let reason): "what listens there does not speak HTTP: \(reason)"
    case .redirectFailed(let reason): "the redirect cannot be followed: \(reason)"
    case .unexpectedStatus(let response): "the server answered \(response.status)\(response.excerpt)"
    case .unexpectedContentType(let response):
      "the server answered with \(response.contentType.isEmpty ? "no content type" : response.contentType)"
        + " instead of text/event-stream\(response.excerpt)"
    case .eventTooLarge(let limit): "an event is larger than the limit of \(limit) bytes"
    case .streamEnded: "the server ended the stream"
    case .preparationFailed(let reason): "the request could not be prepared: \(reason)"
    case .gaveUp(let attempts, let cause):
      "gave up\(attempts > 0 ? " after \(attempts) attempt\(attempts == 1 ? "" : "s")" : ""): \(cause)"
    case .cancelled: "cancelled"
    }
  }
}

extension Response {
  /// The body's first line, if it is text that a person can read, for the end of a sentence.
  fileprivate var excerpt: String {
    guard !mediaType.hasSuffix("html") else { return " (an HTML page)" }
    let line = body.split(whereSeparator: \.isNewline).first?.trimmed ?? ""
    let shown = String(line.unicodeScalars.filter { $0.properties.generalCategory != .control }.prefix(200))
    return shown.isEmpty ? "" : ": \(shown)"
  }
}

extension Substring {
  /// Without the spaces and tabs at both ends.
  var trimmed: String {
    let solid = { (byte: UInt8) in byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t") }
    guard let first = utf8.firstIndex(where: solid), let last = utf8.lastIndex(where: solid) else { return "" }
    return String(self[first...last])
  }
}
