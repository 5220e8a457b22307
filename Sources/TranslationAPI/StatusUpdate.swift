/// One report about a translation, as server and client exchange it.
///
///     let update = StatusUpdate(status: .running, timestamp: 1733752895.5, progress: 0.25)
///     update.json                                   // {"status":"running","timestamp":1733752895.5,"progress":0.25}
///     try StatusUpdate(json: update.json) == update // true
public struct StatusUpdate: Sendable, Hashable {
  /// How far the translation is.
  public let status: TranslationStatus

  /// When the status came about by the server's clock, in seconds since 1970; not when it was sent. Always finite.
  public let timestamp: Double

  /// The part that is done, in 0...1.
  public let progress: Double?

  /// Words for a person: why it failed, what it is at.
  public let message: String?

  /// The name of the translation that is reported on.
  public let job: String?

  /// Traps if `timestamp` is not finite or `progress` is outside 0...1.
  public init(
    status: TranslationStatus, timestamp: Double, progress: Double? = nil, message: String? = nil, job: String? = nil
  ) {
    precondition(timestamp.isFinite, "a timestamp is a finite number of seconds since 1970, not \(timestamp)")
    if let progress { precondition((0...1).contains(progress), "progress is in 0...1, not \(progress)") }
    self.status = status
    self.timestamp = timestamp
    self.progress = progress
    self.message = message
    self.job = job
  }
}
