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
  /// - Throws: `conflict` if the translation has ended, its progress would go back, or its status is not `ifMatch`.
  @discardableResult
  public func publish(
    _ change: StatusChange, to id: String, ifMatch: String? = nil
  ) async throws(TranslationError) -> PublishedUpdate {
    let fields = ifMatch.map { ["If-Match": "\"\($0)\""] } ?? [:]
    return try await ask("PUT", APIPath.status(of: id.inPath), change.json, fields: fields) {
      PublishedUpdate(json: $0)
    }
  }

  /// Reports many statuses in one request.
  ///
  /// A request whose answer was lost is sent again. If it holds several changes of one translation, all but the last
  /// may then be told as a `conflict`, although they were taken.
  ///
  /// - Returns: for each what became of it, in order: the id of the status now, or why it was refused.
  public func publish(
    _ changes: [(id: String, change: StatusChange, ifMatch: String?)]
  ) async throws(TranslationError) -> [Result<String, TranslationError>] {
    guard !changes.isEmpty else { return [] }
    let lines = changes.map { BatchChange(job: $0.id, change: $0.change, ifMatch: $0.ifMatch).json + "\n" }.joined()
    let fields = ["Idempotency-Key": Self.newKey()]
    return try await ask("POST", APIPath.batch, lines, type: "application/x-ndjson", fields: fields) {
      body -> [Result<String, TranslationError>]? in
      let answers = body.split(separator: UInt8(ascii: "\n")).compactMap { BatchAnswer(json: Array($0)) }
      guard answers.count == changes.count else { return nil }
      return answers.map { answer in answer.result.mapError { TranslationError($0) } }
    }
  }
}
