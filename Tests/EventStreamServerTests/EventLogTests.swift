@testable import EventStreamServer
import TestSupport
import Testing

/// What is held, what is dropped, and what a cursor makes of it.
@Suite(.paced, .timeLimit(.minutes(3)))
struct EventLogTests {
  private static func log(_ history: EventHub.History) -> EventLog {
    EventLog(epoch: "E", limit: history, counters: Counters())
  }

  private static func rest(_ cursor: Cursor) -> [UInt64] {
    var cursor = cursor
    var numbers: [UInt64] = []
    while let step = cursor.next() { numbers.append(step.event.number) }
    return numbers
  }

  @Test func historyIsBoundedByBytesButHoldsTheLatest() {
    let log = Self.log(.init(events: 100, bytes: 100))
    let topic = log.makeTopic()
    for _ in 1...20 { log.append(String(repeating: "x", count: 40), type: "message", to: topic) }
    #expect(topic.held.count == 1)
    log.append(String(repeating: "x", count: 1000), type: "message", to: topic)
    #expect(topic.held.map(\.number) == [21])
    log.append("small", type: "message", to: topic)
    #expect(topic.held.map(\.number) == [22])
  }

  @Test func latestOfQuietTopicsOutlivesTheHistory() {
    let log = Self.log(.init(events: 10))
    let (busy, quiet) = (log.makeTopic(), (0..<5).map { _ in log.makeTopic() })
    for topic in quiet { log.append("quiet", type: "message", to: topic) }
    for _ in 1...1000 { log.append("busy", type: "message", to: busy) }
    #expect(Self.rest(Cursor(log, nil, after: nil)) == [1, 2, 3, 4, 5, 1005])
    #expect(Self.rest(Cursor(log, nil, after: "E-996")) == Array(997...1005))
    #expect(Cursor(log, nil, after: "E-990").isReset)
    // What is kept beyond the history goes when something newer comes.
    log.append("quiet", type: "message", to: quiet[2])
    #expect(Self.rest(Cursor(log, nil, after: nil)) == [1, 2, 4, 5, 1005, 1006])
  }

  @Test(arguments: [
    EventHub.History(events: 1), .init(events: 7), .init(events: 40, bytes: 300), .init(eventsPerChannel: 2),
  ])
  func cursorsLoseNothingUnlessTheySaySo(history: EventHub.History) async {
    var random = SeededRandom("cursors")
    for round in 0..<60 {
      await breathe(round)
      let log = Self.log(history)
      let topics = (0..<Int.random(in: 1...6, using: &random)).map { _ in log.makeTopic() }
      var published: [(number: UInt64, topic: Int)] = []
      var live: [(cursor: Cursor, topics: [Int], seen: [UInt64])] = []
      for _ in 0..<200 {
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
          let some = topics.indices.filter { _ in Bool.random(using: &random) }
          let all = Bool.random(using: &random)
          live.append(
            (Cursor(log, all ? nil : some.map { topics[$0] }, after: nil), all ? Array(topics.indices) : some, []))
        case 1...2:
          guard let index = live.indices.randomElement(using: &random) else { continue }
          if let step = live[index].cursor.next() { live[index].seen.append(step.event.number) }
        default:
          let topic = topics.indices.randomElement(using: &random)!
          log.append("data", type: "message", to: topics[topic])
          published.append((log.latest, topic))
        }
      }
      func latest(_ some: [Int]) -> [UInt64] {
        some.compactMap { topic in published.last { $0.topic == topic }?.number }.sorted()
      }
      for subscriber in live {
        let numbers = subscriber.seen + Self.rest(subscriber.cursor)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        #expect(Set(numbers).isSuperset(of: latest(subscriber.topics)))
        #expect(numbers.allSatisfy { number in subscriber.topics.contains { published[Int(number) - 1].topic == $0 } })
      }
      let some = topics.indices.filter { _ in Bool.random(using: &random) }
      for number in 0...log.latest {
        for (scope, chosen) in [(nil, Array(topics.indices)), (some.map { topics[$0] }, some)] as [([Topic]?, [Int])] {
          let cursor = Cursor(log, scope, after: "E-\(number)")
          let missed = published.filter { $0.number > number && chosen.contains($0.topic) }.map(\.number)
          #expect(Self.rest(cursor) == (cursor.isReset ? latest(chosen) : missed))
        }
      }
      #expect(topics.reduce(0) { $0 + $1.held.count } <= history.events + topics.count)
    }
  }

  @Test func stepsAndSkipsAreAllThatWasPublished() {
    let log = Self.log(.init(events: 5))
    let topic = log.makeTopic()
    for scope in [nil, [topic]] as [[Topic]?] {
      var cursor = Cursor(log, scope, after: log.id(log.latest))
      let start = log.latest
      for _ in 1...50 { log.append("x", type: "message", to: topic) }
      var total: UInt64 = 0
      while let step = cursor.next() { total += 1 + step.skipped }
      #expect(start + total == log.latest)
      #expect(cursor.lag == 0)
    }
  }

  /// However far the newest of what it found is held: what comes then is no part of that.
  @Test func whoFoundNothingMissesNothingOfWhatComes() {
    let log = Self.log(.init(events: 50))
    let (topic, other) = (log.makeTopic(), log.makeTopic())
    for number in 1...5 { log.append("x", type: "message", to: number == 5 ? topic : other) }
    log.remove(topic)
    var cursor = Cursor(log, nil, after: nil)
    #expect(cursor.next()?.event.number == 4)
    #expect(cursor.next()?.event.number == nil)
    for _ in 6...9 { log.append("x", type: "message", to: other) }
    let steps = (6...9).map { _ in cursor.next() }
    #expect(steps.map { $0?.event.number } == [6, 7, 8, 9])
    #expect(steps.allSatisfy { $0?.skipped == 0 && $0?.isOld == false })
  }

  /// Its topic is told of again before the subscriber is there.
  @Test func stateThatChangesWhileItIsSentIsFollowedStepByStep() {
    let log = Self.log(.init(events: 50))
    let (topic, other) = (log.makeTopic(), log.makeTopic())
    log.append("x", type: "message", to: other)
    log.append("x", type: "message", to: topic)
    var cursor = Cursor(log, nil, after: nil)
    for _ in 3...5 { log.append("x", type: "message", to: topic) }
    #expect((1...4).map { _ in cursor.next()?.event.number } == [1, 3, 4, 5])
  }

  @Test func whoIsBehindGetsTheLastOfARemovedTopic() {
    let log = Self.log(.init(events: 5))
    let (topic, other) = (log.makeTopic(), log.makeTopic())
    log.append("1", type: "message", to: topic)
    var cursors = [Cursor(log, [topic], after: nil), Cursor(log, [topic, other], after: "E-0")]
    for _ in 2...4 { log.append("x", type: "message", to: topic) }
    log.remove(topic)
    log.finish(other)
    for index in cursors.indices {
      #expect(cursors[index].next()?.event.number == 4)
      #expect(cursors[index].next()?.event.number == nil)
      #expect(cursors[index].isAtEnd)
    }
    // A new one does not find it; one that comes back has missed it.
    #expect(Self.rest(Cursor(log, nil, after: nil)) == [])
    #expect(Self.rest(Cursor(log, nil, after: "E-3")) == [4])
    #expect(Cursor(log, nil, after: "E-2").isReset)
  }

  @Test(arguments: [0, 3])
  func lastOfARemovedTopicIsPartOfTheHistory(others: Int) {
    let log = Self.log(.init(events: 5))
    let (topic, other) = (log.makeTopic(), log.makeTopic())
    log.append("1", type: "message", to: other)
    var cursor = Cursor(log, nil, after: nil)
    #expect(cursor.next()?.event.number == 1)
    log.append("last", type: "message", to: topic)
    log.remove(topic)
    for _ in 0..<others { log.append("x", type: "message", to: other) }
    let behind = cursor
    #expect(Self.rest(cursor) == Array(2...2 + UInt64(others)))
    #expect(log.topics == 1)
    // No longer than any other.
    for _ in 1...5 { log.append("x", type: "message", to: other) }
    #expect(Self.rest(behind) == Array(3 + UInt64(others)...7 + UInt64(others)).suffix(5))
    #expect(Cursor(log, nil, after: "E-1").isReset)
  }

  @Test func removedTopicLeavesNothing() {
    let log = Self.log(.init(events: 5))
    let (first, second) = (log.makeTopic(), log.makeTopic())
    for number in 1...100 { log.append("x", type: "message", to: number % 2 == 0 ? first : second) }
    log.remove(first)
    log.remove(first)
    #expect(log.topics == 1)
    #expect(Self.rest(Cursor(log, nil, after: nil)) == [99])
    log.append("too late", type: "message", to: first)
    #expect(log.latest == 100)
    #expect(Cursor(log, [first], after: "E-100").isAtEnd)
  }
}
