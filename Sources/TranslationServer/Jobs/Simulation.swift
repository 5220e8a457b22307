internal import IOQueue
internal import TranslationAPI

/// Has a job report what a simulated translation says, when it says so.
///
/// Lives under the table's lock. Ends with its job: at the final status, whoever set that.
final class Simulation {
  private let translation: SimulatedTranslation
  private let report: (StatusUpdate) -> Bool
  private let begin = Monotonic.now
  /// What had passed of it by then, in seconds.
  private let passed: Double
  private var reported: Int
  private let lock: TableLock
  private lazy var timer = TableTimer(lock) { [weak self] in self?.reportDue() }

  /// - Parameters:
  ///   - latest: the time of the last update that was reported before; those up to it are not reported again.
  ///   - report: takes an update, and says whether it wants another one.
  init(
    of translation: SimulatedTranslation, after latest: Double, under lock: TableLock,
    report: @escaping (StatusUpdate) -> Bool
  ) {
    self.translation = translation
    self.report = report
    passed = max(0, WallClock.now - translation.start)
    // The final one was not reported, or there would be nothing to go on with.
    reported = min(max(1, translation.updateCount(by: latest)), translation.updateCount - 1)
    self.lock = lock
    reportDue()
  }

  func cancel() { timer.cancel() }

  /// Updates that are reported before others have their turn under the lock.
  private static let slice = 64

  private func reportDue() {
    // Its time goes on with the clock that never jumps, from where the wall clock stood at its start.
    let elapsed = passed + Double(Monotonic.now - begin) / 1e9
    let time = max(translation.start, translation.start + elapsed)
    let due = translation.updateCount(by: time)
    // Nothing is due where the clock has been set back since.
    for _ in 0..<min(max(due - reported, 0), Self.slice) {
      guard report(translation.update(reported)) else { return }
      reported += 1
    }
    guard reported < translation.updateCount else { return }
    timer.schedule(after: .seconds(max(translation.update(reported).timestamp - time, 0)))
  }
}
