internal import EventStreamServer
internal import TranslationAPI

/// All translations: to be listed, and to be added to.
struct TranslationsResource {
  let table: JobTable
  let grant: Grant

  func response(to request: HTTPRequest) -> HTTPResponse {
    switch request.method {
    case "GET", "HEAD": list(Query(request.query))
    case "POST": post(request)
    default: .notAllowed("GET, HEAD, POST")
    }
  }

  private func post(_ request: HTTPRequest) -> HTTPResponse {
    // One that is made would be none of those that it is good for.
    guard grant.jobs == nil else { return .otherTranslation }
    if let refusal = request.refusalUnlessJSON { return refusal }
    let key = request.fields["Idempotency-Key"]
    if let key, !(1...255 ~= key.utf8.count && key.utf8.allSatisfy { 0x20..<0x7F ~= $0 }) {
      return .problem(400, "An Idempotency-Key has 1 to 255 letters of ASCII.")
    }
    let new: NewTranslation
    do throws(BodyError) {
      new = try NewTranslation(json: request.body)
    } catch {
      return .problem(error.problem)
    }
    switch table.create(new, idempotencyKey: key) {
    case .made(let job), .known(let job):
      return .json(job.translation.json, status: 201, fields: ["Location": APIPath.translation(job.id)])
    case .keyInUse:
      return .problem(422, "The Idempotency-Key was used for another request: draw a new one for each.")
    case .full:
      return .problem(
        503, "The server keeps as many translations as it may (\(table.limits.jobs)).", ["Retry-After": "60"])
    }
  }

  private func list(_ query: Query) -> HTTPResponse {
    var statuses: Set<TranslationStatus> = []
    for word in query.values(of: "status") {
      guard let status = TranslationStatus(rawValue: word) else {
        let words = TranslationStatus.allCases.map(\.rawValue).joined(separator: ", ")
        return .problem(Problem(status: 422, detail: "A status is one of \(words).", field: "status"))
      }
      statuses.insert(status)
    }
    var limit = 50
    if let text = query.values(of: "limit").first {
      guard let number = Int(text), 1...500 ~= number else {
        return .problem(Problem(status: 422, detail: "The limit is a number from 1 to 500.", field: "limit"))
      }
      limit = number
    }
    var cursor: UInt64?
    if let text = query.values(of: "cursor").first {
      guard let number = UInt64(text, radix: 36), String(number, radix: 36) == text else {
        return .problem(
          Problem(status: 422, detail: "A cursor is what the page before gave as next.", field: "cursor"))
      }
      cursor = number
    }
    let (jobs, hasMore) = table.page(of: statuses, among: grant.jobs, before: cursor, limit: limit)
    let next = hasMore ? jobs.last.map { String($0.number, radix: 36) } : nil
    return .json(TranslationList(translations: jobs.map(\.translation), next: next).json)
  }
}

/// One translation: to be looked at, and to be cancelled.
struct TranslationResource {
  let job: Job
  let table: JobTable

  func response(to request: HTTPRequest) -> HTTPResponse {
    switch request.method {
    case "GET", "HEAD": .json(job.translation.json)
    case "DELETE": cancel(ifMatch: request.ifMatch)
    default: .notAllowed("GET, HEAD, DELETE")
    }
  }

  private func cancel(ifMatch: String?) -> HTTPResponse {
    if job.latest.status != .cancelled, let problem = StatusChanging.refusal(of: job, unless: ifMatch) {
      return .problem(problem)
    }
    guard table.cancel(job) else {
      return .problem(
        Problem(
          status: 409, detail: "The translation is \(job.latest.status.rawValue), and a final status stays.",
          current: StatusChanging.current(job)))
    }
    return .json(job.translation.json)
  }
}
