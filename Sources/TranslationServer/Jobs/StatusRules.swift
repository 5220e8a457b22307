internal import TranslationAPI

/// What may follow a status.
enum StatusRules {
  enum Verdict: Equatable {
    case next(StatusUpdate)
    /// Nothing but what is known: a worker asks again whose answer was lost.
    case known
    /// In words for the worker.
    case conflict(String)
  }

  /// - Parameter time: seconds since 1970; a clock that was set back does not set a status's time back.
  static func verdict(on change: StatusChange, after latest: StatusUpdate, at time: Double) -> Verdict {
    // What a worker does not say of the progress stays as it is; what is completed is all done.
    let implied = change.status == .completed && latest.progress != nil ? 1 : latest.progress
    let next = StatusUpdate(
      status: change.status, timestamp: max(time, latest.timestamp), progress: change.progress ?? implied,
      message: change.message, job: latest.job)
    let isKnown = next.status == latest.status && next.progress == latest.progress && next.message == latest.message
    if isKnown { return .known }
    if latest.status.isFinal {
      return .conflict("The translation is \(latest.status.rawValue), and a final status stays.")
    }
    if change.status == .pending && latest.status == .running {
      return .conflict("The translation is running and cannot be pending again.")
    }
    if let progress = change.progress, let before = latest.progress, progress < before {
      return .conflict("The progress is \(before) and cannot go back to \(progress).")
    }
    return .next(next)
  }
}
