import Glibc
import TestSupport
import Testing

@testable import IOQueue

@Suite(.paced, .timeLimit(.minutes(3)))
struct IOTimerTests {
  @Test func timersFireInTheOrderOfTheirDeadlines() async throws {
    let io = try IOQueue(label: "test")
    let order = await withCheckedContinuation { continuation in
      io.perform { [io] in
        let fired = Retained<[Int]>([])
        let timers = Retained<[IOTimer]>([])
        let delays = [7, 3, 9, 1, 5, 2, 8, 4, 6]
        for delay in delays {
          let timer = IOTimer(on: io) {
            fired.value!.append(delay)
            if fired.value!.count == delays.count {
              continuation.resume(returning: fired.value!)
              timers.value = nil
            }
          }
          timer.schedule(after: .milliseconds(delay))
          timers.value!.append(timer)
        }
      }
    }
    #expect(order == Array(1...9))
  }

  @Test func cancelledTimerStaysSilentAndMovedOneFiresOnce() async throws {
    let io = try IOQueue(label: "test")
    let fired = await withCheckedContinuation { continuation in
      io.perform { [io] in
        let fired = Retained<[String]>([])
        let timers = Retained<[IOTimer]>([])
        let cancelled = IOTimer(on: io) { fired.value!.append("cancelled") }
        cancelled.schedule(after: .milliseconds(1))
        let moved = IOTimer(on: io) { fired.value!.append("moved") }
        moved.schedule(after: .milliseconds(1))
        moved.schedule(after: .milliseconds(3))
        let last = IOTimer(on: io) {
          continuation.resume(returning: fired.value!)
          timers.value = nil
        }
        last.schedule(after: .milliseconds(6))
        timers.value = [cancelled, moved, last]
        cancelled.cancel()
        cancelled.cancel()
      }
    }
    #expect(fired == ["moved"])
  }

  @Test func timersWithAToleranceFireTogether() async throws {
    let io = try IOQueue(label: "test")
    let deadlines = await withCheckedContinuation { continuation in
      io.perform { [io] in
        var deadlines: Set<UInt64> = []
        for delay in 0..<50 {
          let timer = IOTimer(on: io) {}
          timer.schedule(after: .seconds(100) + .microseconds(delay), tolerance: .seconds(10))
          deadlines.insert(timer.deadline)
          timer.cancel()
        }
        continuation.resume(returning: deadlines)
      }
    }
    // Two, if a multiple of the tolerance happens to fall among them.
    #expect(deadlines.count <= 2)
  }

  @Test func heapKeepsItsOrderUnderRandomMovesAndCancels() throws {
    let io = try IOQueue(label: "test")
    var random = SystemRandomNumberGenerator()
    var queue = try TimerQueue()
    defer { close(queue.descriptor) }
    var timers = (0..<300).map { _ in IOTimer(on: io) {} }
    for timer in timers { queue.schedule(timer, at: .random(in: 1...1000, using: &random)) }
    for _ in 0..<2000 {
      let timer = timers.randomElement(using: &random)!
      if Bool.random(using: &random) {
        queue.schedule(timer, at: .random(in: 1...1000, using: &random))
      } else {
        queue.cancel(timer)
      }
    }
    let pending = timers.filter(\.isScheduled).map(\.deadline).sorted()
    var popped: [UInt64] = []
    while let timer = queue.popDue(at: 1000) { popped.append(timer.deadline) }
    #expect(popped == pending)
    timers = []
  }
}
