internal import EventStreamServer
internal import TranslationAPI

/// Which resource answers a request.
///
/// Lives under the table's lock, like all that it asks.
struct Routes {
  let table: JobTable
  /// The job that started with the server.
  let own: Job
  /// What clients are told to wait before they reconnect.
  let retry: Duration
  let server: HTTPServer
  let metrics: Metrics

  func response(to request: HTTPRequest, _ decision: AccessControl.Decision) -> HTTPResponse {
    let response =
      switch decision {
      case .granted(let grant): resource(of: request, grant)
      case .refused(let answer): answer
      }
    if response.status >= 400 { metrics.rejected(response.status) }
    return response
  }

  private func resource(of request: HTTPRequest, _ grant: Grant) -> HTTPResponse {
    guard let (route, id) = Route.at(request.path) else { return nothing(at: request.path) }
    return switch route {
    case .page: reading(request) { ListPage.response() }
    case .ownStatus where !grant.covers(own.id): .otherTranslation
    case .ownStatus: StatusResource(job: own, table: table, retry: retry, isOwn: true).response(to: request)
    case .translations: TranslationsResource(table: table, grant: grant).response(to: request)
    case .events: EventsResource(table: table, retry: retry, grant: grant).response(to: request)
    case .batch: BatchResource(table: table, grant: grant).response(to: request)
    case .translation: job(id, grant) { TranslationResource(job: $0, table: table).response(to: request) }
    case .status: job(id, grant) { StatusResource(job: $0, table: table, retry: retry).response(to: request) }
    case .time: reading(request) { .json(TimeResource.now.json) }
    case .live: reading(request) { .text("The server is there.\n") }
    case .ready: reading(request, readiness)
    case .metrics: reading(request) { metrics.response(server.figures, table) }
    case .description: reading(request) { .json(OpenAPIDocument.json) }
    }
  }

  private func nothing(at path: String) -> HTTPResponse {
    .problem(404, "There is nothing at \(path.prefix(100)). Translations are at \(APIPath.translations).")
  }

  private func job(_ id: String, _ grant: Grant, _ response: (Job) -> HTTPResponse) -> HTTPResponse {
    // Whether there is such a translation is not told either.
    guard grant.covers(id) else { return .otherTranslation }
    return switch table.find(id) {
    case .job(let job): response(job)
    case .gone: .problem(410, "The translation has ended, and the time for which it was kept is over.")
    case .unknown: .problem(404, "There is no translation \(id.prefix(40)).")
    }
  }

  private func reading(_ request: HTTPRequest, _ response: () -> HTTPResponse) -> HTTPResponse {
    request.isReading ? response() : .notAllowed("GET, HEAD")
  }

  private func readiness() -> HTTPResponse {
    if server.isDraining { return .problem(503, "The server is shutting down.") }
    if let trouble = table.journal?.trouble { return .problem(503, "The journal cannot be written: \(trouble).") }
    return .text("The server is ready.\n")
  }
}

extension HTTPRequest {
  var isReading: Bool { method == "GET" || method == "HEAD" }
}

extension HTTPResponse {
  static func json(_ text: String, status: Int = 200, fields: HTTPFields = [:]) -> HTTPResponse {
    HTTPResponse(
      status: status,
      fields: (["Content-Type": "application/json", "Cache-Control": "no-store"] as HTTPFields).merging(fields),
      body: Array(text.utf8))
  }

  static func text(_ text: String) -> HTTPResponse {
    HTTPResponse(
      fields: ["Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"], body: Array(text.utf8))
  }

  static func problem(_ status: Int, _ detail: String, _ fields: HTTPFields = [:]) -> HTTPResponse {
    problem(Problem(status: status, detail: detail), fields)
  }

  static func problem(_ problem: Problem, _ fields: HTTPFields = [:]) -> HTTPResponse {
    HTTPResponse(
      status: problem.status,
      fields: (["Content-Type": Problem.mediaType, "Cache-Control": "no-store"] as HTTPFields).merging(fields),
      body: Array(problem.json.utf8))
  }

  static func notAllowed(_ methods: String) -> HTTPResponse {
    problem(405, "This can be asked for with \(methods) only.", ["Allow": methods])
  }
}

extension HTTPFields {
  /// Those of both; of a name that both have, the others'.
  func merging(_ others: HTTPFields) -> HTTPFields {
    var merged = self
    for field in others { merged[field.name] = field.value }
    return merged
  }
}
