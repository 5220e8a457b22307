import IOQueue
import TestSupport
import Testing
import TranslationAPI

@testable import TranslationServer

/// The timeline: what has come about by when.
@Suite(.paced, .timeLimit(.minutes(3)))
struct SimulatedTranslationTests {
  let start = 1733752895.634395

  private func updates(_ job: SimulatedTranslation) -> [StatusUpdate] { (0..<job.updateCount).map(job.update) }

  @Test func pendingThenCompleted() {
    let job = SimulatedTranslation(start: start, duration: .seconds(15))
    #expect(
      updates(job) == [
        StatusUpdate(status: .pending, timestamp: start),
        StatusUpdate(status: .completed, timestamp: start + 15),
      ])
  }

  /// Else whoever simulates a great many at once would keep all others waiting.
  @Test func thoseThatAreDueTogetherAreReportedInTurns() async throws {
    let queue = try IOQueue(label: "simulation")
    defer { queue.close() }
    let lock = TableLock(timersOn: queue)
    let reported = Recorder<StatusUpdate>()
    let job = SimulatedTranslation(start: 100, duration: .seconds(1), steps: 1000)
    let simulation = lock.locked {
      let simulation = Simulation(of: job, after: 100, under: lock) { update in
        reported.append(update)
        return true
      }
      #expect(reported.count < 100)
      return simulation
    }
    // The first one is there already.
    #expect(try await reported.wait(count: job.updateCount - 1) == Array(updates(job).dropFirst()))
    withExtendedLifetime(simulation) {}
  }

  /// A journal may tell of a time that the clock has yet to come to.
  @Test func clockBehindTheLastReportReportsNothing() throws {
    let queue = try IOQueue(label: "simulation")
    defer { queue.close() }
    let lock = TableLock(timersOn: queue)
    let reported = Recorder<StatusUpdate>()
    let ahead = WallClock.now + 3600
    let job = SimulatedTranslation(start: ahead, duration: .seconds(3600), steps: 9)
    lock.locked {
      Simulation(of: job, after: ahead + 1800, under: lock) {
        reported.append($0); return true
      }.cancel()
    }
    #expect(reported.count == 0)
  }

  @Test func stepsAreEvenAndEndAtOne() {
    let job = SimulatedTranslation(start: 100, duration: .seconds(10), steps: 3)
    #expect(
      updates(job) == [
        StatusUpdate(status: .pending, timestamp: 100),
        StatusUpdate(status: .running, timestamp: 102.5, progress: 0.25),
        StatusUpdate(status: .running, timestamp: 105, progress: 0.5),
        StatusUpdate(status: .running, timestamp: 107.5, progress: 0.75),
        StatusUpdate(status: .completed, timestamp: 110, progress: 1),
      ])
  }

  @Test func failureCarriesItsMessage() {
    let job = SimulatedTranslation(start: 100, duration: .seconds(1), outcome: .failed(message: "no text"))
    #expect(updates(job).last == StatusUpdate(status: .error, timestamp: 101, message: "no text"))
  }

  @Test(arguments: [(99.999, 0), (100, 1), (102.499, 1), (102.5, 2), (105, 3), (109.999, 4), (110, 5), (1e300, 5)])
  func updatesComeAboutInTime(time: Double, count: Int) {
    #expect(SimulatedTranslation(start: 100, duration: .seconds(10), steps: 3).updateCount(by: time) == count)
  }

  @Test func nothingIsReportedBeforeItsTime() {
    for steps in [0, 1, 2, 6, 99, 1000] {
      for milliseconds in [0, 1, 3, 100, 333, 15_000, 10_000_000] {
        let job = SimulatedTranslation(start: start, duration: .milliseconds(milliseconds), steps: steps)
        let times = updates(job).map(\.timestamp)
        #expect(times.first == start)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        for time in times {
          #expect(job.updateCount(by: time) == times.count { $0 <= time })
          #expect(job.updateCount(by: time.nextDown) == times.count { $0 < time })
        }
      }
    }
  }

  @Test func negativeCountsAsNone() {
    let job = SimulatedTranslation(start: 100, duration: .seconds(-1), steps: -1)
    #expect(updates(job).map(\.timestamp) == [100, 100])
    #expect(job.updateCount(by: 100) == 2)
  }
}
