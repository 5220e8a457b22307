internal import EventStreamClient
public import TranslationAPI

// For workers.
extension TranslationService {
  /// Reports a translation's status. A repeated report is known for one, and nothing is published twice.
  ///
  /// - Parameters:
  ///   - change: the new status.
  ///   - id: the translation's.
  ///   - ifMatch: the id of the status that it is to follow, if that matters.
  /// - Throws: `conflict` if the translation has ended, its progress would go back, or its status is not `ifMatch`;
  ///   `invalidRequest` if its progress is no number.
  @discardableResult
  public func publish(
    _ change: StatusChange, to id: String, ifMatch: String? = nil
  ) async throws(TranslationError) -> PublishedUpdate {
    if let progress = change.progress { try Self.checkNumber(progress, "progress") }
    let fields = ifMatch.map { ["If-Match": "\"\($0)\""] } ?? [:]
    return try await ask("PUT", APIPath.status(of: id.inPath), change.json, fields: fields) {
      PublishedUpdate(json: $0)
    }
  }

  /// Reports many statuses: in one request, or in several, one after the other, if they are too much for one.
  ///
  /// A request whose answer was lost is sent again. If it holds several changes of one translation, all but the last
  /// may then be told as a `conflict`, although they were taken.
  ///
  /// - Returns: for each what became of it, in order: the id of the status now, or why it was refused.
  /// - Throws: when a request fails; what was reported with those before it is. `invalidRequest` if a progress is no number;
  ///   then nothing is.
  public func publish(
    _ changes: [(id: String, change: StatusChange, ifMatch: String?)]
  ) async throws(TranslationError) -> [Result<String, TranslationError>] {
    for progress in changes.compactMap(\.change.progress) { try Self.checkNumber(progress, "progress") }
    var results: [Result<String, TranslationError>] = []
    var lines = ""
    var count = 0
    for (id, change, ifMatch) in changes {
      let line = BatchChange(job: id, change: change, ifMatch: ifMatch).json + "\n"
      if count > 0, lines.utf8.count + line.utf8.count > Self.batchSize {
        results += try await publish(lines, count)
        (lines, count) = ("", 0)
      }
      lines += line
      count += 1
    }
    if count > 0 { results += try await publish(lines, count) }
    return results
  }

  /// A quarter of what a server takes, unless it is told otherwise: of the shortest lines, some two thousand.
  private static let batchSize = 65_536

  private func publish(
    _ lines: String, _ count: Int
  ) async throws(TranslationError) -> [Result<String, TranslationError>] {
    let fields = ["Idempotency-Key": Self.newKey()]
    return try await ask("POST", APIPath.batch, lines, type: "application/x-ndjson", fields: fields) {
      body -> [Result<String, TranslationError>]? in
      let answers = body.split(separator: UInt8(ascii: "\n")).compactMap { BatchAnswer(json: Array($0)) }
      guard answers.count == count else { return nil }
      return answers.map { answer in answer.result.mapError { TranslationError($0) } }
    }
  }
}
