@testable import EventStreamLoad
import Testing

@Suite(.timeLimit(.minutes(1)))
struct GatheringTests {
  /// What it says of each event of some turns, of which each has so many, that long after the one before.
  private func gathering(_ turns: [(events: Int, gap: UInt64)]) -> [Bool] {
    var gathering = Gathering()
    var turn: UInt64 = 5_000_000_000
    return turns.flatMap { events, gap in
      turn += gap
      return (0..<events).map { _ in gathering.isDense(at: turn) }
    }
  }

  @Test func turnBehindOneOfManyEventsIsDenseAtItsFirst() {
    #expect(gathering([(4, 0), (2, 20_000)]) == [false, false, false, false, true, false])
    #expect(gathering([(5, 0), (4, 999_999), (1, 999_999)]).filter { $0 }.count == 2)
  }

  @Test func fewEventsAreNotWaitedFor() {
    #expect(gathering([(3, 0), (3, 20_000), (1, 20_000), (1, 20_000)]).allSatisfy { !$0 })
  }

  @Test func whereMoreComesThanIsReadItIsThereAlready() {
    #expect(gathering([(128, 0), (129, 20_000), (1, 20_000)]).filter { $0 }.count == 1)
  }

  @Test func eventsOfLongAgoDoNotCount() {
    #expect(gathering([(100, 0), (100, 1_000_000)]).allSatisfy { !$0 })
  }
}
