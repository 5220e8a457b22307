internal import EventStreamServer
internal import TranslationAPI

/// Many workers' changes in one request, a line each; the answer has a line for each.
struct BatchResource {
  let table: JobTable
  let grant: Grant

  /// Beyond, a request would hold up all others for too long.
  private static let maxLines = 10_000
  /// Bytes of an answer, beyond which refusals in it are without the status that is the present one.
  private static let fullAnswer = 1 << 20

  private static let mediaTypes: Set = ["application/x-ndjson", "application/ndjson", "application/jsonl"]

  func response(to request: HTTPRequest) -> HTTPResponse {
    guard request.method == "POST" else { return .notAllowed("POST") }
    guard Self.mediaTypes.contains(request.mediaType) else {
      return .problem(415, "The body has to be a JSON object a line: send it with Content-Type: application/x-ndjson.")
    }
    let lines = request.body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count - (lines.last?.isEmpty == true ? 1 : 0) <= Self.maxLines else {
      return .problem(413, "A batch has at most \(Self.maxLines) lines: send more than one.")
    }
    var answer = ""
    for (index, line) in lines.enumerated()
    where line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) {
      var result = apply(Array(line), line: index + 1)
      if answer.utf8.count > Self.fullAnswer { result.result = result.result.mapError(\.withoutCurrent) }
      answer += result.json + "\n"
    }
    return HTTPResponse(
      fields: ["Content-Type": "application/x-ndjson", "Cache-Control": "no-store"], body: Array(answer.utf8))
  }

  private func apply(_ text: [UInt8], line: Int) -> BatchAnswer {
    let batched: BatchChange
    do throws(BodyError) {
      batched = try BatchChange(json: text)
    } catch {
      return BatchAnswer(line: line, job: nil, result: .failure(error.problem))
    }
    guard grant.covers(batched.job) else {
      let problem = Problem(status: 403, detail: "The token is not good for this translation.")
      return BatchAnswer(line: line, job: batched.job, result: .failure(problem))
    }
    switch table.find(batched.job) {
    case .job(let job):
      let result = StatusChanging.apply(batched.change, to: job, ifMatch: batched.ifMatch, in: table)
      return BatchAnswer(line: line, job: batched.job, result: result.map(\.id))
    case .gone:
      return BatchAnswer(
        line: line, job: batched.job, result: .failure(Problem(status: 410, detail: "The translation is gone.")))
    case .unknown:
      return BatchAnswer(
        line: line, job: batched.job, result: .failure(Problem(status: 404, detail: "There is no such translation.")))
    }
  }
}
