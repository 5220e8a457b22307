public import EventStreamClient
internal import TranslationAPI

/// Why no status, or no final status, could be had. A translation that failed is none of these: it is a status.
public enum TranslationError: Error, Sendable, Hashable {
  /// The request cannot be sent as it is: mend the URL or header that the text names.
  case invalidRequest(String)
  /// No connection, or no answer in time: start the server, check the address, or try later.
  case unreachable(String)
  /// The certificate of `host` is not to be trusted: the problem says what to do.
  case untrusted(CertificateProblem, host: String)
  /// The server answered something else: check the URL and the credentials.
  case refused(Response)
  /// The translation's status is another one than the request supposes, or a final one: look at `current`, which is nil
  /// if the server does not tell.
  case conflict(String, current: PublishedUpdate?)
  /// What is there does not speak of a translation's status: check the URL.
  case notAStatus(String)
  /// The server ended the stream for good (204) without a final status: ask it what became of the translation.
  case noFinalStatus
  /// `stopMonitoring` was called.
  case stopped
  /// The task was cancelled.
  case cancelled
}

extension TranslationError: CustomStringConvertible {
  /// One sentence for a person.
  public var description: String {
    switch self {
    case .invalidRequest(let reason), .unreachable(let reason), .notAStatus(let reason), .conflict(let reason, _):
      reason
    case .untrusted(let problem, let host): EventSourceError.untrusted(problem, host: host).description
    case .refused(let response) where response.status == 200:
      EventSourceError.unexpectedContentType(response).description
    case .refused(let response):
      response.problem.map { "the server answered \(response.status): \($0.sentence)" }
        ?? EventSourceError.unexpectedStatus(response).description
    case .noFinalStatus: "the server has no more to say, and the last status was not final"
    case .stopped: "monitoring was stopped before a final status"
    case .cancelled: "cancelled"
    }
  }

  init(_ error: EventSourceError) {
    self.init(error.rootCause, "\(error)")
  }

  private init(_ cause: EventSourceError, _ text: String) {
    switch cause {
    case .invalidRequest: self = .invalidRequest(text)
    case .untrusted(let problem, let host): self = .untrusted(problem, host: host)
    case .unexpectedStatus(let response) where response.status == 409 || response.status == 412:
      self = response.problem.map(TranslationError.init) ?? .refused(response)
    case .unexpectedStatus(let response), .unexpectedContentType(let response): self = .refused(response)
    case .notHTTP, .redirectFailed, .eventTooLarge: self = .notAStatus(text)
    case .connectionFailed, .timedOut, .streamEnded, .preparationFailed, .gaveUp: self = .unreachable(text)
    case .cancelled: self = .cancelled
    }
  }
}

extension TranslationError {
  /// What a server says of one change among many, or of a conflict.
  init(_ problem: Problem) {
    if problem.status == 409 || problem.status == 412 {
      let current = problem.current.flatMap { PublishedUpdate(json: Array($0.utf8)) }
      self = .conflict(problem.sentence, current: current)
    } else {
      var response = Response(status: problem.status, contentType: Problem.mediaType, url: "")
      response.body = problem.json
      self = .refused(response)
    }
  }
}

extension Response {
  /// The body, if it is a problem details object (RFC 9457).
  fileprivate var problem: Problem? {
    guard mediaType == Problem.mediaType, let value = try? JSONValue(json: Array(body.utf8)) else { return nil }
    return Problem(value)
  }
}

extension Problem {
  /// The reason in one line to go on with, whatever the server put there.
  fileprivate var sentence: String {
    var line = detail.isEmpty ? title : detail
    line.unicodeScalars.removeAll { $0.properties.generalCategory == .control }
    if line.hasSuffix(".") { line.removeLast() }
    return String(line.prefix(200))
  }
}

extension EventSourceError {
  /// What a policy gave up on.
  fileprivate var rootCause: EventSourceError {
    if case .gaveUp(_, let cause) = self { cause.rootCause } else { self }
  }
}
