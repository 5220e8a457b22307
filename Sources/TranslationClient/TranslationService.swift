public import EventStreamClient
internal import TranslationAPI

/// A server's translations: to submit, to list, to cancel, to report on as a worker, and to follow, one or many.
///
///     let service = TranslationService(baseURL: "http://127.0.0.1:8000")
///     let translation = try await service.submit(NewTranslation(source: "de", target: "en"))
///     for try await update in service.translation(translation.id).monitor() { print(update.status) }
///
/// What fails for reasons that pass (no connection, 5xx, 429) is tried again: everything here may be asked twice and is
/// done once. Everything may be called from any thread.
public final class TranslationService: Sendable {
  /// The server's address, without a path or with one that stands before all others; how to reach it; how monitors stay
  /// connected to it.
  public let source: EventSource
  /// When a request is tried again.
  public let requests: ReconnectionPolicy

  private let baseURL: String
  let comparesClocks: Bool
  let onState: @Sendable (EventSource.State) -> Void
  let monitors = Monitors()

  /// - Parameters:
  ///   - baseURL: an absolute `http` or `https` URL. What is wrong with it is told by whatever uses it first.
  ///   - token: asked before each attempt for the bearer token to send; nil sends none. See `EventSource.authorize`.
  public convenience init(baseURL: String, token: (@Sendable () async throws -> String)? = nil) {
    var source = EventSource(baseURL, reconnection: .resilient)
    if let token { source.authorize(with: token) }
    self.init(source)
  }

  /// For requests that need a proxy, other headers, other time limits or another policy.
  ///
  /// - Parameters:
  ///   - source: its request's URL is the base URL. Its policy is for monitors.
  ///   - requests: the policy for all else.
  ///   - comparesClocks: as with `TranslationClient`.
  ///   - onState: as with `TranslationClient`.
  public init(
    _ source: EventSource, requests: ReconnectionPolicy = someAttempts, comparesClocks: Bool = true,
    onState: @escaping @Sendable (EventSource.State) -> Void = { _ in }
  ) {
    self.source = source
    self.requests = requests
    self.comparesClocks = comparesClocks
    self.onState = onState
    var url = source.request.url[...]
    while url.hasSuffix("/") { url.removeLast() }
    baseURL = String(url)
  }

  /// For a request whose answer someone waits for: five attempts within some ten seconds, or as many as the server asks
  /// for, but not more than a minute between two.
  public static let someAttempts: ReconnectionPolicy = {
    var policy = ReconnectionPolicy.resilient
    policy.reconnectionTime = .milliseconds(500)
    policy.longestRetryAfter = .seconds(60)
    policy.maxAttempts = 5
    return policy
  }()

  // MARK: One translation

  /// Has the server take on a translation.
  ///
  /// - Parameters:
  ///   - new: what is to be translated; a value that the server does not take is `refused` (422).
  ///   - idempotencyKey: a request with the same key is the same translation, also after this process's end. One is
  ///     drawn if none is given, so that an answer that was lost costs nothing.
  /// - Throws: `invalidRequest` if the seconds of a simulation are no number.
  public func submit(
    _ new: NewTranslation, idempotencyKey: String? = nil
  ) async throws(TranslationError) -> Translation {
    if let seconds = new.simulation?.seconds { try Self.checkNumber(seconds, "time of a simulation") }
    let fields = ["Idempotency-Key": idempotencyKey ?? Self.newKey()]
    return try await ask("POST", APIPath.translations, new.json, fields: fields) { Translation(json: $0) }
  }

  /// JSON has none for what is infinite or not a number.
  static func checkNumber(_ value: Double, _ name: String) throws(TranslationError) {
    if !value.isFinite { throw .invalidRequest("the \(name) is no number: \(value)") }
  }

  static func newKey() -> String {
    (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
  }

  /// What the server knows of a translation.
  public func get(_ id: String) async throws(TranslationError) -> Translation {
    try await ask("GET", APIPath.translation(id.inPath)) { Translation(json: $0) }
  }

  /// Ends a translation with the status `cancelled`. Twice is fine; one that has ended otherwise is a `conflict`.
  @discardableResult
  public func cancel(_ id: String) async throws(TranslationError) -> Translation {
    try await ask("DELETE", APIPath.translation(id.inPath)) { Translation(json: $0) }
  }

  /// To follow one translation.
  public func translation(_ id: String) -> TranslationClient {
    TranslationClient(monitored(APIPath.status(of: id.inPath)), comparesClocks: comparesClocks, onState: onState)
  }

  // MARK: Many

  /// The server's translations, the newest first, to loop over: pages are fetched as the loop needs them.
  ///
  /// - Parameters:
  ///   - statuses: only those of these; all if there are none.
  ///   - pageSize: how many to fetch at a time, 1 to 500.
  public func translations(_ statuses: [TranslationStatus] = [], pageSize: Int = 100) -> Translations {
    Translations { [self] cursor throws(TranslationError) in
      try await list(statuses, cursor: cursor, limit: pageSize)
    }
  }

  /// One page of the server's translations, the newest first.
  ///
  /// - Parameters:
  ///   - statuses: only those of these; all if there are none.
  ///   - cursor: the `next` of the page before; nil for the first.
  ///   - limit: 1 to 500.
  public func list(
    _ statuses: [TranslationStatus] = [], cursor: String? = nil, limit: Int = 50
  ) async throws(TranslationError) -> (translations: [Translation], next: String?) {
    var query = "?limit=\(limit)" + statuses.map { "&status=\($0.rawValue)" }.joined()
    if let cursor { query += "&cursor=\(cursor.inPath)" }
    let list = try await ask("GET", APIPath.translations + query) { TranslationList(json: $0) }
    return (list.translations, list.next)
  }

  /// How to stay connected to a path of the server.
  func monitored(_ path: String) -> EventSource {
    var source = source
    source.request.url = baseURL + path
    return source
  }

  // MARK: Asking

  /// - Parameter read: nil for an answer that is not what was asked for.
  func ask<Value>(
    _ method: String, _ path: String, _ body: String? = nil, type: String = "application/json",
    fields: [String: String] = [:], _ read: ([UInt8]) -> Value?
  ) async throws(TranslationError) -> Value {
    var source = source
    source.reconnection = requests
    var request = source.request
    request.url = baseURL + path
    request.method = method
    request.body = body.map { Array($0.utf8) }
    request.set("Accept", "application/json")
    if body != nil { request.set("Content-Type", type) }
    for (name, value) in fields { request.set(name, value) }
    do throws(EventSourceError) {
      let answer = try await source.exchange(request)
      guard let value = read(answer.body) else {
        throw .unexpectedContentType(answer.response)
      }
      return value
    } catch {
      throw TranslationError(error)
    }
  }
}
