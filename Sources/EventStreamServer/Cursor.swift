/// How far a subscriber has come in what it follows.
///
/// Bounded by what is followed, never by what is missed: a number for a whole log, one for each topic of a selection.
/// It looks at the log under the log's lock, and gives what it found for good.
struct Cursor {
  /// What this one begins with was not held: the subscriber has to be told that it may have missed something.
  let isReset: Bool

  private let log: EventLog
  private var scope: Scope
  /// The latest event when it began. Up to it events are replayed, or left out but for the latest of each topic.
  private let beginning: UInt64
  /// It was resumed, and what was missed is replayed.
  let isReplay: Bool

  private enum Scope {
    /// The number of the next event.
    case everything(UInt64)
    /// The ordinal of the next event.
    case topic(Topic, next: UInt64)
    /// The ordinal of the next event of each.
    case topics([(topic: Topic, next: UInt64)])
  }

  struct Step {
    let event: Topic.Event
    /// Events that were passed over, for a later one of their topic took their place.
    let skipped: UInt64
    /// It came about before the subscriber did.
    let isOld: Bool
    /// No event follows it yet.
    let isNewest: Bool
  }

  /// Whether no event can follow, as of the last look.
  private(set) var isAtEnd: Bool

  /// After the event of that id, if everything since is held; else at the latest event of each topic.
  ///
  /// - Parameter topics: nil for all.
  init(_ log: EventLog, _ topics: [Topic]?, after lastEventID: String?) {
    self.log = log
    (scope, beginning, isReplay, isAtEnd) = log.locked {
      let seen = lastEventID.flatMap { log.number(of: $0) }
      let dropped = topics.map { $0.map(\.newestDropped).max() ?? 0 } ?? log.newestDropped
      let held = seen.flatMap { $0 >= dropped ? $0 : nil }
      let next = { (topic: Topic) in held.map { topic.ordinal(after: $0) } ?? max(topic.count, 1) - 1 }
      let scope: Scope =
        switch topics {
        case nil: .everything(held.map { $0 + 1 } ?? 1)
        case let topics? where topics.count == 1: .topic(topics[0], next: next(topics[0]))
        case let topics?: .topics(topics.map { ($0, next($0)) })
        }
      return (scope, log.latest, held != nil, Self.isAtEnd(scope))
    }
    isReset = !isReplay && lastEventID?.isEmpty == false
  }

  /// The next event, behind which the cursor moves; nil when there is none yet.
  mutating func next() -> Step? {
    log.locked {
      let step = step()
      isAtEnd = Self.isAtEnd(scope)
      return step
    }
  }

  private mutating func step() -> Step? {
    switch scope {
    case .everything(let number):
      // A new subscriber wants the state that it finds, not how it came about; of what comes then, everything.
      let boundary = isReplay ? 0 : beginning
      guard let event = log.event(from: number, latestUpTo: boundary) else { return nil }
      scope = .everything(event.number + 1)
      let expected = max(number, boundary + 1)
      return Step(
        event: event, skipped: event.number > expected ? event.number - expected : 0,
        isOld: event.number <= beginning, isNewest: event.number == log.latest)
    case .topic(let topic, let next):
      guard let (event, ordinal) = topic.event(next) else { return nil }
      scope = .topic(topic, next: ordinal + 1)
      return Step(
        event: event, skipped: ordinal - next, isOld: event.number <= beginning, isNewest: ordinal + 1 == topic.count)
    case .topics(var topics):
      guard let index = Self.indexOfNext(topics), let (event, ordinal) = topics[index].topic.event(topics[index].next)
      else { return nil }
      let skipped = ordinal - topics[index].next
      // Lets go of the one array first, so that it is changed in place.
      scope = .everything(0)
      topics[index].next = ordinal + 1
      scope = .topics(topics)
      return Step(
        event: event, skipped: skipped, isOld: event.number <= beginning, isNewest: event.number == log.latest)
    }
  }

  private static func isAtEnd(_ scope: Scope) -> Bool {
    switch scope {
    case .everything: false
    case .topic(let topic, let next): topic.isFinished && next >= topic.count
    case .topics(let topics): topics.allSatisfy { $0.topic.isFinished && $0.next >= $0.topic.count }
    }
  }

  /// How many events it is behind, about.
  var lag: UInt64 {
    log.locked {
      switch scope {
      case .everything(let number): log.latest &+ 1 &- min(number, log.latest &+ 1)
      case .topic(let topic, let next): topic.count - min(next, topic.count)
      case .topics(let topics): topics.reduce(0) { $0 + ($1.topic.count - min($1.next, $1.topic.count)) }
      }
    }
  }

  /// How many topics' latest events a reset is followed by.
  var stateCount: Int {
    log.locked {
      switch scope {
      case .everything: log.topics
      case .topic(let topic, _): topic.latest > 0 ? 1 : 0
      case .topics(let topics): topics.count { $0.topic.latest > 0 }
      }
    }
  }

  /// The id to resume from before there was an event.
  var startID: String { log.id(isReset ? 0 : beginning) }

  /// Whether it follows more than one topic.
  var isMany: Bool {
    if case .topic = scope { false } else { true }
  }

  /// What it follows, one for each of a subscriber's places.
  var followed: [Topic] {
    switch scope {
    case .everything: [log.everything]
    case .topic(let topic, _): [topic]
    case .topics(let topics): topics.map(\.topic)
    }
  }

  /// The topic whose next event is the oldest.
  private static func indexOfNext(_ topics: [(topic: Topic, next: UInt64)]) -> Int? {
    var found: (index: Int, number: UInt64)?
    for index in topics.indices {
      guard let (event, _) = topics[index].topic.event(topics[index].next) else { continue }
      if found.map({ event.number < $0.number }) ?? true { found = (index, event.number) }
    }
    return found?.index
  }
}
