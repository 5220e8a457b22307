import TestSupport
import Testing

@testable import IOQueue

@Suite(.paced, .timeLimit(.minutes(3)))
struct SleepTests {
  @Test func neverTooShort() async throws {
    let io = try IOQueue(label: "test")
    let begin = Monotonic.now
    try await io.sleep(for: .milliseconds(20))
    #expect(Monotonic.now - begin >= 20_000_000)
  }

  @Test func cancelledSleeperWakesAtOnce() async throws {
    let io = try IOQueue(label: "test")
    let sleeper = Task { try await io.sleep(for: .seconds(3600)) }
    // Before it begins, while it begins, or later.
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
  }

  @Test func whoIsCancelledIsWokenAndNobodyElse() async throws {
    let io = try IOQueue(label: "test")
    let one = Task { try await io.sleep(for: .seconds(3600)) }
    let other = Task { try await io.sleep(for: .milliseconds(50)) }
    one.cancel()
    await #expect(throws: CancellationError.self) { try await one.value }
    try await other.value
  }

  @Test func cancelledOnAClosedQueueTooTheSleeperWakes() async throws {
    let io = try IOQueue(label: "test")
    io.close()
    let sleeper = Task { try await io.sleep(for: .milliseconds(1)) }
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
  }
}
