import Testing

@testable import EventStreamClient

@Suite(.timeLimit(.minutes(3)))
struct KeptConnectionsTests {
  @Test func eachKeptConnectionIsTakenOnce() {
    var kept = KeptConnections()
    #expect(!kept.take("a"))
    kept.add("a", limit: 8)
    kept.add("a", limit: 8)
    #expect(kept.take("a"))
    #expect(!kept.take("b"))
    #expect(kept.take("a"))
    #expect(!kept.take("a"))
  }

  @Test func noMoreOriginsAreKnownThanConnectionsAreKept() {
    var kept = KeptConnections()
    for number in 0..<100 { kept.add("\(number)", limit: 8) }
    #expect((0..<100).count { kept.take("\($0)") } <= 8)
    kept.add("100", limit: 8)
    #expect(kept.take("100"))
  }
}
