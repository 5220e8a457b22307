import TestSupport
import Testing

@testable import TranslationClient

/// What is known of a server's clock, against a clock that is known in the test.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ClockEstimateTests {
  /// A clock that is ahead by `offset` at time 0 and gains `drift` seconds a second.
  private struct Clock {
    var offset: Double
    var drift: Double

    func lead(at time: Double) -> Double { offset + drift * time }

    /// A question at `time` with the given ways there and back, answered with times cut to the microsecond.
    func comparison(at time: Double, _ there: Double, _ back: Double) -> ClockEstimate.Bounds {
      let told = ((time + there + lead(at: time + there)) * 1e6).rounded(.down) / 1e6
      return .init(asked: time, received: told, sent: told, answered: time + there + back)
    }
  }

  private func contains(_ bounds: ClockEstimate.Bounds?, _ lead: Double) -> Bool {
    bounds.map { $0.least <= lead && lead <= $0.most } ?? false
  }

  @Test func nothingIsKnownBeforeTheFirstComparison() {
    #expect(ClockEstimate().bounds(at: 1) == nil)
    var estimate = ClockEstimate()
    estimate.add([])
    #expect(estimate.bounds(at: 1) == nil)
  }

  /// Received and sent further apart than the question and the answer were.
  @Test(arguments: [0.005, 0.001, 0.1, 3600])
  func answerThatTookLongerThereThanHereSaysNothing(gap: Double) throws {
    let clock = Clock(offset: 1, drift: 0)
    var estimate = ClockEstimate()
    let lie = ClockEstimate.Bounds(asked: 5, received: 6, sent: 6 + gap, answered: 5 + 0.0002)
    estimate.add([lie])
    #expect(estimate.bounds(at: 6) == nil)
    estimate.add([clock.comparison(at: 0, 0.0001, 0.0001)])
    estimate.add([lie])
    #expect(contains(estimate.bounds(at: 6), 1))
    estimate.add([clock.comparison(at: 10, 0.0001, 0.0001), lie])
    #expect(contains(estimate.bounds(at: 11), 1))
  }

  /// Half of what the way there and back takes is all that can be wrong, and the best of several counts.
  @Test func errorIsHalfOfTheShortestWay() throws {
    let clock = Clock(offset: -7200, drift: 0)
    var estimate = ClockEstimate()
    estimate.add([
      clock.comparison(at: 1, 0.050, 0.001), clock.comparison(at: 1.1, 0.0002, 0.0001),
      clock.comparison(at: 1.2, 0.001, 0.050),
    ])
    let bounds = try #require(estimate.bounds(at: 1.3))
    #expect(contains(bounds, -7200))
    #expect(bounds.most - bounds.least < 0.0006)
  }

  /// Whatever the clock, the ways and the pauses: the truth lies within the bounds.
  @Test func truthLiesWithinTheBounds() {
    var random = SeededRandom("clocks")
    for _ in 0..<500 {
      let clock = Clock(
        offset: .random(in: -1e6...1e6, using: &random), drift: .random(in: -450e-6...450e-6, using: &random))
      var estimate = ClockEstimate()
      var time = Double.random(in: 0...1e5, using: &random)
      var pause = 1.0
      var isWithin = true
      for _ in 0..<12 {
        var comparisons: [ClockEstimate.Bounds] = []
        for _ in 0..<Int.random(in: 1...5, using: &random) {
          let there = Double.random(in: 1e-5...0.2, using: &random)
          let back = Double.random(in: 1e-5...0.2, using: &random)
          comparisons.append(clock.comparison(at: time, there, back))
          time += there + back
        }
        estimate.add(comparisons)
        isWithin = isWithin && contains(estimate.bounds(at: time), clock.lead(at: time))
        time += pause * Double.random(in: 0.9...1.1, using: &random)
        isWithin = isWithin && contains(estimate.bounds(at: time), clock.lead(at: time))
        pause = min(pause * 2, 64)
      }
      #expect(isWithin, "\(clock)")
    }
  }

  /// A steady drift is learned: minutes after a comparison the error is still that of the ways.
  @Test func driftIsLearned() throws {
    let clock = Clock(offset: 3.5, drift: 300e-6)
    var estimate = ClockEstimate()
    for time in [0.0, 1, 3, 7, 15, 31] { estimate.add([clock.comparison(at: time, 0.0001, 0.0001)]) }
    let bounds = try #require(estimate.bounds(at: 95))
    #expect(contains(bounds, clock.lead(at: 95)))
    #expect(bounds.most - bounds.least < 0.004)
    // As much as it could be without what was learned.
    #expect(2 * 64 * ClockEstimate.widestDrift > 0.06)
  }

  /// A thread that was held up between its looks at two clocks does not know when it looked at the one on the wall.
  @Test func timeThatTheWallClockTookToReadIsPartOfTheError() throws {
    let clock = Clock(offset: 60, drift: 0)
    var estimate = ClockEstimate()
    estimate.add([clock.comparison(at: 1000, 0.0001, 0.0001)])
    let (before, after) = (1001.0, 1001.5)
    // The clock on the wall is 7 seconds behind the time here.
    for read in [before, 1001.1, after] {
      let offset = try #require(estimate.offset(of: read - 7, readAfter: before, andBefore: after))
      #expect(abs(offset.seconds - 67) <= offset.error)
      #expect((0.25...0.26).contains(offset.error))
    }
    #expect(ClockEstimate().offset(of: 0, readAfter: 0, andBefore: 0) == nil)
  }

  /// Bounds that overlap with those of the clock before, which is not within them.
  @Test func anotherClockIsNotMistakenForTheOneBefore() throws {
    let (one, other) = (Clock(offset: 1, drift: 400e-6), Clock(offset: 1.05, drift: -400e-6))
    var (estimate, fresh) = (ClockEstimate(), ClockEstimate())
    for time in [0.0, 1, 3] { estimate.add([one.comparison(at: time, 0.0001, 0.0001)]) }
    estimate.beginAnew()
    #expect(contains(estimate.bounds(at: 4), one.lead(at: 4)))
    // Of that clock nothing is known but this: not even its drift.
    for time in [5.0, 8] {
      let comparison = other.comparison(at: time, 0.0001, 0.1)
      estimate.add([comparison])
      fresh.add([comparison])
      let bounds = try #require(estimate.bounds(at: time + 64))
      #expect(bounds == fresh.bounds(at: time + 64))
      #expect(contains(bounds, other.lead(at: time + 64)))
    }
  }

  @Test func clockThatIsSetIsBelievedAtOnce() {
    var clock = Clock(offset: 0, drift: 0)
    var estimate = ClockEstimate()
    for time in [0.0, 1, 3] { estimate.add([clock.comparison(at: time, 0.0001, 0.0001)]) }
    clock.offset = 60
    estimate.add([clock.comparison(at: 7, 0.0001, 0.0001)])
    #expect(contains(estimate.bounds(at: 8), 60))
    // And between two questions of one moment.
    let before = clock.comparison(at: 9, 0.0001, 0.0001)
    clock.offset = -60
    estimate.add([before, clock.comparison(at: 9.1, 0.0001, 0.0001)])
    #expect(contains(estimate.bounds(at: 10), -60))
  }
}
