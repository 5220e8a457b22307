internal import EventStreamServer
internal import TranslationAPI

/// The status of a translation: to be read as a stream, as JSON and as a page, and to be set by a worker.
struct StatusResource {
  let job: Job
  let table: JobTable
  let retry: Duration
  /// It was asked for at `/status`, which is there to be read: it is set at its id, as any other.
  var isOwn = false

  /// The forms of a status, the one first that a client gets who takes anything.
  private enum Form: String, CaseIterable {
    case events = "text/event-stream"
    case json = "application/json"
    case page = "text/html"
  }

  private static func form(of request: HTTPRequest) -> Form? {
    Accept(request.fields.values(of: "Accept")).preferred(of: Form.allCases)
  }

  /// Whether it is answered with the page, in which the status is not.
  static func isPage(_ request: HTTPRequest) -> Bool { form(of: request) == .page }

  func response(to request: HTTPRequest) -> HTTPResponse {
    if request.method == "PUT", !isOwn { return put(request) }
    guard request.isReading else { return .notAllowed(isOwn ? "GET, HEAD" : "GET, HEAD, PUT") }
    switch Self.form(of: request) {
    case .events:
      return .events(job.channel, lastEventID: request.lastEventID, retry: retry, fields: ["Vary": "Accept"])
    case .json:
      return .json(job.latest.json, fields: ["ETag": "\"\(job.statusID)\"", "Vary": "Accept"])
    case .page:
      return StatusPage.response(at: request.path)
    case nil:
      let forms = Form.allCases.map(\.rawValue).joined(separator: ", ")
      return .problem(406, "A status can be had as one of \(forms): ask for it in Accept.", ["Vary": "Accept"])
    }
  }

  private func put(_ request: HTTPRequest) -> HTTPResponse {
    if let refusal = request.refusalUnlessJSON { return refusal }
    let change: StatusChange
    do throws(BodyError) {
      change = try StatusChange(json: request.body)
    } catch {
      return .problem(error.problem)
    }
    switch StatusChanging.apply(change, to: job, ifMatch: request.ifMatch, in: table) {
    case .success(let update): return .json(update.json, fields: ["ETag": "\"\(update.id)\""])
    case .failure(let problem): return .problem(problem)
    }
  }
}

/// What a worker's change comes to, asked for alone or in a batch.
enum StatusChanging {
  static func apply(
    _ change: StatusChange, to job: Job, ifMatch: String?, in table: JobTable
  ) -> Result<PublishedUpdate, Problem> {
    // "If the request is a state-changing operation that appears to have already been applied […], the origin server MAY
    // respond with a 2xx": it is then a worker's who lost the answer (RFC 9110, 13.1.1).
    let isKnown = StatusRules.verdict(on: change, after: job.latest, at: job.latest.timestamp) == .known
    if !isKnown, let problem = refusal(of: job, unless: ifMatch) { return .failure(problem) }
    if case .conflict(let words) = table.change(job, to: change) {
      return .failure(Problem(status: 409, detail: words, current: current(job)))
    }
    return .success(PublishedUpdate(id: job.statusID, update: job.latest))
  }

  /// Of whatever would change it; nil if its status is one that the condition names, or there is none.
  static func refusal(of job: Job, unless ifMatch: String?) -> Problem? {
    guard let ifMatch, !matches(ifMatch, job.statusID) else { return nil }
    return Problem(status: 412, detail: "The status is another one by now.", current: current(job))
  }

  static func current(_ job: Job) -> String { PublishedUpdate(id: job.statusID, update: job.latest).json }

  /// `If-Match: *`, or a list of entity tags (RFC 9110, 13.1.1). Tags without quotation marks are taken too.
  private static func matches(_ condition: String, _ id: String) -> Bool {
    condition.split(separator: ",").contains { tag in
      let tag = tag.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
      return tag == "*" || tag == id || tag == "\"\(id)\""
    }
  }
}

extension HTTPRequest {
  /// A list in several lines is one list (RFC 9110, 5.3).
  var ifMatch: String? {
    let lines = fields.values(of: "If-Match")
    return lines.isEmpty ? nil : lines.joined(separator: ",")
  }

  /// From the header, or from the query for clients that cannot set it.
  var lastEventID: String? { fields["Last-Event-ID"] ?? Query(query).values(of: "last_event_id").first }

  /// The media type of the body, in lower case and without parameters.
  var mediaType: String {
    let value = fields["Content-Type"] ?? ""
    // As nearly all workers say it: the rest is a tenth of what a whole report costs.
    if value == "application/json" { return value }
    return value.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
  }

  var refusalUnlessJSON: HTTPResponse? {
    guard mediaType != "application/json" else { return nil }
    return .problem(415, "The body has to be JSON: send it with Content-Type: application/json.")
  }
}
