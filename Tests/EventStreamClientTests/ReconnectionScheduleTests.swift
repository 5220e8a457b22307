import TestSupport
import Testing

@testable import EventStreamClient

@Suite(.paced, .timeLimit(.minutes(3)))
struct ReconnectionScheduleTests {
  let refused = EventSourceError.connectionFailed("refused")

  func schedule(_ change: (inout ReconnectionPolicy) -> Void = { _ in }) -> ReconnectionSchedule {
    var policy = ReconnectionPolicy.resilient
    policy.jitter = 0
    change(&policy)
    return ReconnectionSchedule(policy, at: .zero)
  }

  @Test func firstReconnectWaitsTheReconnectionTime() {
    var schedule = schedule { $0.reconnectionTime = .milliseconds(700) }
    schedule.attemptBegan()
    schedule.opened(at: .seconds(1))
    schedule.eventCame()
    #expect(schedule.next(after: .streamEnded, at: .seconds(2), chance: 0) == .wait(.milliseconds(700)))
  }

  @Test func repeatedFailuresBackOffExponentiallyUpToTheLimit() {
    var schedule = schedule { $0.reconnectionTime = .seconds(1) }
    let waits = (0..<8).map { _ in
      schedule.attemptBegan()
      return schedule.next(after: refused, at: .zero, chance: 0)
    }
    #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30].map { .wait(.seconds($0)) })
  }

  @Test func aThousandFailuresDoNotOverflow() {
    var schedule = schedule { $0.backoffFactor = 10 }
    for _ in 0..<1000 { _ = schedule.next(after: refused, at: .zero, chance: 1) }
    #expect(schedule.next(after: refused, at: .zero, chance: 0) == .wait(.seconds(30)))
  }

  @Test func noTimeIsTooLong() {
    var schedule = schedule {
      $0.longestReconnectionTime = .seconds(Int64.max)
      $0.longestBackoff = .seconds(Int64.max)
    }
    schedule.serverSet(milliseconds: UInt64(Int64.max) - 1)
    for _ in 0..<1000 { _ = schedule.next(after: refused, at: .zero, chance: 1) }
    #expect(schedule.next(after: refused, at: .zero, chance: 0) == .wait(.seconds(Int64.max)))
  }

  @Test func reconnectionTimeOfZeroStillBacksOffFromTheSecondFailureOn() {
    var schedule = schedule { $0.reconnectionTime = .zero }
    #expect(schedule.next(after: refused, at: .zero, chance: 1) == .wait(.zero))
    #expect(schedule.next(after: refused, at: .zero, chance: 0) == .wait(.milliseconds(200)))
  }

  @Test func jitterIsAddedNeverTakenOff() {
    for chance in [0, 0.5, 1] {
      var schedule = schedule {
        $0.reconnectionTime = .seconds(4)
        $0.jitter = 0.25
      }
      let expected = Duration.seconds(4) + .seconds(1) * chance
      #expect(schedule.next(after: refused, at: .zero, chance: chance) == .wait(expected))
    }
  }

  @Test func serversRetryFieldSetsTheReconnectionTimeWithinTheLimits() {
    var schedule = schedule {
      $0.reconnectionTime = .zero
      $0.longestReconnectionTime = .seconds(60)
    }
    schedule.serverSet(milliseconds: 250)
    #expect(schedule.next(after: refused, at: .zero, chance: 0) == .wait(.milliseconds(250)))
    for huge in [UInt64(3_600_000), .max] {
      schedule.serverSet(milliseconds: huge)
      #expect(schedule.reconnectionTime == .seconds(60))
    }
    for tiny in [UInt64(0), 1, 100] {
      schedule.serverSet(milliseconds: tiny)
      #expect(schedule.reconnectionTime == .milliseconds(100))
    }
  }

  /// Each brings an event and ends: none of them is a failure.
  @Test func serverThatEndsEveryStreamAtOnceIsNotAskedAsFastAsItAnswers() {
    var schedule = schedule { $0.reconnectionTime = .zero }
    for _ in 0..<10 {
      schedule.attemptBegan()
      schedule.opened(at: .zero)
      schedule.serverSet(milliseconds: 0)
      schedule.eventCame()
      #expect(schedule.next(after: .streamEnded, at: .zero, chance: 0) == .wait(.milliseconds(100)))
    }
  }

  @Test func reconnectionTimeAboveTheBackoffLimitStillHolds() {
    var schedule = schedule { $0.reconnectionTime = .seconds(45) }
    for _ in 0..<5 { #expect(schedule.next(after: refused, at: .zero, chance: 0) == .wait(.seconds(45))) }
  }

  @Test func retryAfterIsObeyedWithinItsLimit() {
    var schedule = schedule { $0.longestRetryAfter = .seconds(100) }
    func busy(_ seconds: Int64) -> EventSourceError {
      .unexpectedStatus(Response(status: 503, contentType: "", url: "", retryAfter: .seconds(seconds)))
    }
    #expect(schedule.next(after: busy(40), at: .zero, chance: 0) == .wait(.seconds(40)))
    #expect(schedule.next(after: busy(9999), at: .zero, chance: 0) == .wait(.seconds(100)))
  }

  @Test func goodPeriodWipesOutFailuresAndAShorterOneTakesOneBack() {
    var schedule = schedule {
      $0.reconnectionTime = .seconds(1)
      $0.goodPeriod = .seconds(10)
    }
    for _ in 0..<3 { _ = schedule.next(after: refused, at: .zero, chance: 0) }
    schedule.opened(at: .seconds(100))
    schedule.eventCame()
    #expect(schedule.next(after: .streamEnded, at: .seconds(105), chance: 0) == .wait(.seconds(2)))
    schedule.opened(at: .seconds(200))
    schedule.eventCame()
    #expect(schedule.next(after: .streamEnded, at: .seconds(210), chance: 0) == .wait(.seconds(1)))
  }

  @Test func streamsThatEndWithoutAnEventAreFailures() {
    var schedule = schedule { $0.reconnectionTime = .seconds(1) }
    var waits: [ReconnectionSchedule.Decision] = []
    for _ in 0..<3 {
      schedule.opened(at: .zero)
      waits.append(schedule.next(after: .streamEnded, at: .zero, chance: 0))
    }
    #expect(waits == [1, 2, 4].map { .wait(.seconds($0)) })
  }

  @Test func attemptLimitCountsAttemptsSinceTheStreamWasOpen() {
    var schedule = schedule { $0.maxAttempts = 2 }
    schedule.attemptBegan()
    schedule.opened(at: .zero)
    schedule.eventCame()
    #expect(schedule.next(after: .streamEnded, at: .zero, chance: 0) == .wait(.seconds(2)))
    schedule.attemptBegan()
    #expect(schedule.next(after: refused, at: .zero, chance: 0) == .wait(.seconds(2)))
    schedule.attemptBegan()
    #expect(schedule.next(after: refused, at: .zero, chance: 0) == .giveUp(.gaveUp(attempts: 2, because: refused)))
  }

  @Test func outageLimitCountsFromTheLossOfTheStream() {
    var schedule = schedule {
      $0.maxOutage = .seconds(10)
      $0.reconnectionTime = .seconds(4)
      $0.backoffFactor = 1
    }
    schedule.opened(at: .zero)
    schedule.eventCame()
    #expect(schedule.next(after: .streamEnded, at: .seconds(1000), chance: 0) == .wait(.seconds(4)))
    #expect(schedule.next(after: refused, at: .seconds(1004), chance: 0) == .wait(.seconds(4)))
    #expect(
      schedule.next(after: refused, at: .seconds(1008), chance: 0) == .giveUp(.gaveUp(attempts: 0, because: refused)))
  }

  @Test func attemptEndsWithTheOutageLimit() {
    var schedule = schedule { $0.maxOutage = .seconds(10) }
    #expect(schedule.deadline == .seconds(10))
    schedule.opened(at: .seconds(5))
    schedule.eventCame()
    #expect(schedule.next(after: .streamEnded, at: .seconds(100), chance: 0) == .wait(.seconds(2)))
    #expect(schedule.deadline == .seconds(110))
    // An attempt without any time is none.
    #expect(
      schedule.next(after: refused, at: .seconds(108), chance: 0) == .giveUp(.gaveUp(attempts: 0, because: refused)))
    for unlimited in [Duration?.none, .zero] { #expect(self.schedule { $0.maxOutage = unlimited }.deadline == nil) }
  }

  @Test func policiesDifferInTheStatusesTheyRetry() {
    func response(_ status: Int) -> EventSourceError {
      .unexpectedStatus(Response(status: status, contentType: "", url: ""))
    }
    for status in [429, 500, 502, 503, 599] {
      #expect(ReconnectionPolicy.resilient.retries(response(status)))
      #expect(!ReconnectionPolicy.standard.retries(response(status)))
    }
    for status in [301, 400, 401, 403, 404, 410, 600] {
      #expect(!ReconnectionPolicy.resilient.retries(response(status)))
    }
    for final in [
      EventSourceError.invalidRequest(""), .untrusted(.expired, host: ""), .notHTTP(""), .redirectFailed(""),
      .eventTooLarge(limit: 1),
    ] {
      #expect(!ReconnectionPolicy.resilient.retries(final))
    }
    #expect(ReconnectionPolicy.standard.retries(refused))
    #expect(ReconnectionPolicy.standard.retries(.streamEnded))
  }

  @Test func singleAttemptIsTheOnlyOneAlsoAfterAnOpenStream() {
    var schedule = ReconnectionSchedule(.never, at: .zero)
    schedule.attemptBegan()
    schedule.opened(at: .zero)
    schedule.eventCame()
    schedule.serverSet(milliseconds: 0)
    #expect(schedule.next(after: .streamEnded, at: .zero, chance: 0) == .giveUp(.streamEnded))
  }

  @Test func singleAttemptReportsItsOwnFailure() {
    var schedule = ReconnectionSchedule(.never, at: .zero)
    schedule.attemptBegan()
    #expect(schedule.next(after: refused, at: .zero, chance: 0) == .giveUp(refused))
  }
}
