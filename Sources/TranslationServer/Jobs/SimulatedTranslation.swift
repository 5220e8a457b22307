internal import TranslationAPI

/// A simulated translation as a timeline: pending when it starts, running at each step on the way, final at its end.
///
///     let translation = SimulatedTranslation(start: 1733752895.5, duration: .seconds(15))
///     translation.update(0)                                 // pending at 1733752895.5
///     translation.update(1)                                 // completed at 1733752910.5
///     translation.updateCount(by: 1733752900)               // 1
///
/// A value: what it says depends on the time that it is asked about and on nothing else.
struct SimulatedTranslation: Sendable, Hashable {
  enum Outcome: Sendable, Hashable {
    case completed
    /// The translation ends with the status `error` and this message.
    case failed(message: String)
  }

  /// In seconds since 1970.
  let start: Double
  /// In seconds.
  let duration: Double
  /// Reports of progress between the first status and the last.
  let steps: Int
  let outcome: Outcome

  /// A negative duration or number of steps counts as zero.
  init(start: Double, duration: Duration, steps: Int = 0, outcome: Outcome = .completed) {
    let (seconds, attoseconds) = max(duration, .zero).components
    self.start = start
    self.duration = Double(seconds) + Double(attoseconds) / 1e18
    self.steps = max(steps, 0)
    self.outcome = outcome
  }

  /// How many updates there are in all; two at least.
  var updateCount: Int { steps + 2 }

  /// How many of them have come about by `time`, in seconds since 1970.
  func updateCount(by time: Double) -> Int {
    guard time >= start else { return 0 }
    let part = duration > 0 ? min((time - start) / duration, 1) : 1
    // A guess that rounding makes one off at most.
    var count = Int(part * Double(steps + 1)) + 1
    while timestamp(count - 1) > time { count -= 1 }
    while count < updateCount, timestamp(count) <= time { count += 1 }
    return count
  }

  /// The update of that index, from 0.
  func update(_ index: Int) -> StatusUpdate {
    precondition(0..<updateCount ~= index, "a simulation has no update \(index)")
    let timestamp = timestamp(index)
    switch (index, outcome) {
    case (0, _):
      return StatusUpdate(status: .pending, timestamp: timestamp)
    case (steps + 1, .completed):
      return StatusUpdate(status: .completed, timestamp: timestamp, progress: steps > 0 ? 1 : nil)
    case (steps + 1, .failed(let message)):
      return StatusUpdate(status: .error, timestamp: timestamp, message: message)
    default:
      return StatusUpdate(status: .running, timestamp: timestamp, progress: Double(index) / Double(steps + 1))
    }
  }

  /// When an update comes about: in whole microseconds, which is as fine as clocks tell it.
  private func timestamp(_ index: Int) -> Double {
    guard index > 0 else { return start }
    let exact = start + duration * Double(index) / Double(steps + 1)
    return max(start, (exact * 1e6).rounded() / 1e6)
  }
}
