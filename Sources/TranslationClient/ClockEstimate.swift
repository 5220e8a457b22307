/// What comparisons with a server's clock come to.
///
/// Each bounds the server's clock from both sides: when the question left here it showed no more than when the question
/// came there; when the answer came here, no less than when the answer left there (the four timestamps of RFC 5905, 8).
/// All bounds hold, so what they have in common does, and that shrinks with each of them.
///
/// Between comparisons the bounds drift apart by how much faster or slower the server's clock may be: `widestDrift` of
/// the time passed, or, after two comparisons, what those allow, give or take `unsteadiness`.
///
/// Time here is this machine's `BootTime`, in seconds: setting the clock on the wall changes nothing, nor does a suspend.
struct ClockEstimate: Sendable {
  /// Bounds of the server's clock less our own, in seconds, at a time of ours.
  struct Bounds: Sendable, Hashable {
    var time: Double
    var least: Double
    var most: Double

    init(time: Double, least: Double, most: Double) {
      self.time = time
      self.least = least
      self.most = most
    }

    /// - Parameters:
    ///   - asked: just before the question left, by our clock.
    ///   - answered: just after the answer came.
    ///   - received: when the question came there, by the server's clock, to the microsecond.
    ///   - sent: when the answer left there.
    init(asked: Double, received: Double, sent: Double, answered: Double) {
      self.init(
        time: answered, least: sent - answered - Self.rounding,
        most: received - asked + Self.rounding + ClockEstimate.widestDrift * (answered - asked))
    }

    /// Of times told to the microsecond, as doubles.
    private static let rounding = 1.5e-6
  }

  /// As fast as clocks are set right while they run (adjtimex(2): 500 parts in a million).
  static let widestDrift = 500e-6
  /// By how much the drift changes: with the temperature, mostly.
  static let unsteadiness = 10e-6

  private var bounds: Bounds?
  /// The drift that the comparisons so far allow.
  private var drift = -widestDrift...widestDrift
  private var isOutdated = false

  /// What is compared next may be another clock: it stands for itself. Until then what is known is as good as any.
  mutating func beginAnew() { isOutdated = true }

  /// Takes the comparisons of one moment, of which the tightest matters most.
  mutating func add(_ comparisons: [Bounds]) {
    // An answer that was longer under way there than here was given by a clock that was set meanwhile, or by a liar.
    let comparisons = comparisons.filter { $0.least <= $0.most }
    guard let last = comparisons.last else { return }
    var common = last
    for one in comparisons {
      common.least = max(common.least, one.least - Self.widestDrift * (last.time - one.time))
      common.most = min(common.most, one.most + Self.widestDrift * (last.time - one.time))
    }
    // No clock is in two places: it was set meanwhile.
    if common.least > common.most { common = last }
    guard let before = bounds, let expected = self.bounds(at: common.time), !isOutdated,
      expected.least <= common.most, common.least <= expected.most
    else {
      isOutdated = false
      drift = -Self.widestDrift...Self.widestDrift
      return bounds = common
    }
    let elapsed = common.time - before.time
    if elapsed > 0.1 {
      let least = (common.least - before.most) / elapsed - Self.unsteadiness
      let most = (common.most - before.least) / elapsed + Self.unsteadiness
      let usual = -Self.widestDrift...Self.widestDrift
      drift = (least...most).overlaps(usual) ? (least...most).clamped(to: usual) : least...most
    }
    bounds = Bounds(
      time: common.time, least: max(common.least, expected.least), most: min(common.most, expected.most))
  }

  /// The bounds at a later time; nil before the first comparison.
  func bounds(at time: Double) -> Bounds? {
    guard let bounds else { return nil }
    let elapsed = max(0, time - bounds.time)
    return Bounds(
      time: time, least: bounds.least + drift.lowerBound * elapsed, most: bounds.most + drift.upperBound * elapsed)
  }

  /// How far the server's clock is ahead of the one on this machine's wall, which was read between two times of ours;
  /// nil before the first comparison.
  func offset(of wall: Double, readAfter before: Double, andBefore after: Double) -> ClockOffset? {
    guard let bounds = bounds(at: after) else { return nil }
    // When in between, nobody knows: the thread may have been held up.
    return ClockOffset(
      seconds: (bounds.least + bounds.most) / 2 + (before + after) / 2 - wall,
      error: (bounds.most - bounds.least) / 2 + (after - before) / 2)
  }
}
