import TestSupport
import Testing

@testable import TranslationServer

/// How often one may publish.
@Suite(.timeLimit(.minutes(3)))
struct RateLimitTests {
  private let second: UInt64 = 1_000_000_000

  @Test func oneSecondsWorthAtOnceAndThenByTheRate() {
    var limit = RateLimit<String>(rate: 4)
    for _ in 1...4 { #expect(limit.take("a", at: 5 * second) == nil) }
    #expect(limit.take("a", at: 5 * second) == 0.25)
    #expect(limit.take("b", at: 5 * second) == nil)
    #expect(limit.take("a", at: 5 * second + second / 4) == nil)
    #expect(limit.take("a", at: 5 * second + second / 4) == 0.25)
    // Never more than that, however long it was quiet, and never less for a clock that is a little behind.
    for _ in 1...4 { #expect(limit.take("a", at: 500 * second) == nil) }
    #expect(limit.take("a", at: 499 * second) == 0.25)
  }

  @Test func lessThanOneASecondTakesOneAtATime() {
    var limit = RateLimit<String>(rate: 0.1)
    #expect(limit.take("a", at: second) == nil)
    #expect(limit.take("a", at: second) == 10)
    #expect(limit.take("a", at: 10 * second) != nil)
    #expect(limit.take("a", at: 11 * second) == nil)
  }

  @Test func memoryIsBounded() {
    var limit = RateLimit<Int>(rate: 1, capacity: 100)
    for name in 0..<100 { #expect(limit.take(name, at: second) == nil) }
    // The others share what one has, and cost nobody else anything.
    #expect(limit.take(1000, at: second) == nil)
    #expect(limit.take(1001, at: second) == 1)
    #expect(limit.count == 100)
    #expect(limit.take(5, at: second) == 1)
    // Names whose time is over make room.
    for name in 2000..<2100 { #expect(limit.take(name, at: 3 * second) == nil) }
    #expect(limit.count == 100)
  }
}
