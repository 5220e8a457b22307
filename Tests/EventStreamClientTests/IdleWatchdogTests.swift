import TestSupport
import Testing

@testable import EventStreamClient

@Suite(.paced, .timeLimit(.minutes(3)))
struct IdleWatchdogTests {
  private func watchdog(_ timeout: IdleTimeout = .automatic, commentsAt times: [Duration] = []) -> IdleWatchdog {
    var watchdog = IdleWatchdog(timeout)
    watchdog.opened(at: .zero)
    for time in times { comment(&watchdog, at: time) }
    return watchdog
  }

  private func comment(_ watchdog: inout IdleWatchdog, at time: Duration) {
    watchdog.byteCame(at: time)
    watchdog.commentCame()
  }

  // MARK: How long it waits

  @Test func withoutHeartbeatsSilenceIsNoSign() {
    #expect(watchdog().limit == nil)
    var afterOne = watchdog(commentsAt: [.seconds(1)])
    #expect(afterOne.judge(at: .seconds(1_000_000), isPaused: false) == .fine(nil))
  }

  @Test func heartbeatsArmItAtThreeTimesTheirIntervalAndNotBelow45Seconds() {
    var watchdog = watchdog(commentsAt: [.seconds(1), .seconds(6)])
    #expect(watchdog.limit == .seconds(45))
    comment(&watchdog, at: .seconds(36))
    #expect(watchdog.limit == .seconds(90))
  }

  @Test func greetingOfSeveralCommentsIsNoHeartbeat() {
    #expect(watchdog(commentsAt: (0..<4).map { .milliseconds(50 * $0) }).limit == nil)
  }

  /// On each connection again, and rarer heartbeats behind it.
  @Test func greetingThatIsTakenForHeartbeatsDoesNotEndTheStreamForGood() {
    var watchdog = watchdog()
    for connection in 0..<2 {
      let start = Duration.seconds(1000 * connection)
      watchdog.opened(at: start)
      comment(&watchdog, at: start + .seconds(1))
      comment(&watchdog, at: start + .seconds(3))
      #expect(watchdog.limit == .seconds(45 << connection))
      if connection == 0 {
        #expect(watchdog.judge(at: start + .seconds(48), isPaused: false) == .suspect(.milliseconds(5)))
        #expect(watchdog.judge(at: start + .seconds(48), isPaused: false) == .dead)
      }
    }
    comment(&watchdog, at: .seconds(1063))
    #expect(watchdog.limit == .seconds(180))
    // Heartbeats that come make an end of the doubt.
    var other = self.watchdog(commentsAt: [.seconds(0), .seconds(15)])
    for end in [60, 160] {
      for _ in 1...2 { _ = other.judge(at: .seconds(end), isPaused: false) }
      other.opened(at: .seconds(end + 1))
      #expect(other.limit == .seconds(end == 60 ? 90 : 180))
    }
    comment(&other, at: .seconds(176))
    #expect(other.limit == .seconds(45))
  }

  /// As many servers send them.
  @Test func heartbeatsOfSilentStreamsAloneAreNotSlowForTheEventsBetween() {
    var watchdog = watchdog(commentsAt: [.seconds(0), .seconds(20), .seconds(40)])
    for second in 41...4000 { watchdog.byteCame(at: .seconds(second)) }
    comment(&watchdog, at: .seconds(4020))
    #expect(watchdog.limit == .seconds(60))
  }

  @Test func heartbeatsAtAFixedPaceAreNotFastForTheEventsBetween() {
    var watchdog = watchdog()
    for second in 1...240 {
      if second.isMultiple(of: 60) { comment(&watchdog, at: .seconds(second)) }
      watchdog.byteCame(at: .seconds(second))
    }
    #expect(watchdog.limit == .seconds(180))
  }

  @Test func timeInWhichTheProcessOrItsReaderStoodStillIsNoInterval() {
    let times: [Duration] = [.seconds(0), .seconds(20)]
    var stopped = watchdog(commentsAt: times)
    comment(&stopped, at: .seconds(3600))
    #expect(stopped.limit == .seconds(60))
    var paused = watchdog(commentsAt: [.seconds(0)])
    paused.resumed(at: .seconds(3600))
    comment(&paused, at: .seconds(3610))
    #expect(paused.limit == nil)
  }

  @Test func pauseBetweenConnectionsIsNoHeartbeat() {
    var watchdog = watchdog(commentsAt: [.seconds(1)])
    watchdog.opened(at: .seconds(900))
    comment(&watchdog, at: .seconds(1000))
    #expect(watchdog.limit == nil)
  }

  @Test func fixedTimeHoldsFromTheStart() {
    #expect(watchdog(.after(.seconds(7))).limit == .seconds(7))
    #expect(watchdog(.never).limit == nil)
  }

  // MARK: What it says

  @Test func silenceIsCountedFromTheLastByte() {
    var watchdog = watchdog(.after(.seconds(7)))
    #expect(watchdog.judge(at: .seconds(2), isPaused: false) == .fine(.seconds(5)))
    watchdog.byteCame(at: .seconds(3))
    // Of a turn of the queue that began before it.
    watchdog.byteCame(at: .seconds(1))
    #expect(watchdog.judge(at: .seconds(9), isPaused: false) == .fine(.seconds(1)))
  }

  @Test func nobodyIsFoundDeadAtFirstSight() {
    var watchdog = watchdog(.after(.seconds(7)))
    guard case .suspect(let pause) = watchdog.judge(at: .seconds(7), isPaused: false) else {
      Issue.record("it was not suspected")
      return
    }
    #expect(pause < .seconds(1))
    #expect(watchdog.judge(at: .seconds(7) + pause, isPaused: false) == .dead)
  }

  @Test func byteThatWasWaitingClearsTheSuspicion() {
    var watchdog = watchdog(.after(.seconds(7)))
    _ = watchdog.judge(at: .seconds(60), isPaused: false)
    watchdog.byteCame(at: .seconds(60))
    #expect(watchdog.judge(at: .seconds(61), isPaused: false) == .fine(.seconds(6)))
    guard case .suspect = watchdog.judge(at: .seconds(67), isPaused: false) else {
      Issue.record("the new silence was not suspected first")
      return
    }
  }

  @Test func streamThatItsReaderHoldsUpMayBeSilent() {
    var watchdog = watchdog(.after(.seconds(7)))
    #expect(watchdog.judge(at: .seconds(60), isPaused: true) == .fine(.seconds(7)))
  }
}
