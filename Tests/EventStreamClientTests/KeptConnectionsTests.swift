import Testing

@testable import EventStreamClient

@Suite(.timeLimit(.minutes(3)))
struct KeptConnectionsTests {
  @Test func eachKeptConnectionIsTakenOnce() {
    var kept = KeptConnections()
    var taken = [kept.take("a")]
    kept.add("a", limit: 8)
    kept.add("a", limit: 8)
    for origin in ["a", "b", "a", "a"] { taken.append(kept.take(origin)) }
    #expect(taken == [false, true, false, true, false])
  }

  @Test func noMoreOriginsAreKnownThanConnectionsAreKept() {
    var kept = KeptConnections()
    for number in 0..<100 { kept.add("\(number)", limit: 8) }
    var count = 0
    for number in 0..<100 where kept.take("\(number)") { count += 1 }
    #expect(count <= 8)
    kept.add("100", limit: 8)
    let isKnown = kept.take("100")
    #expect(isKnown)
  }
}
