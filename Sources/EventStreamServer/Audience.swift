internal import IOQueue
internal import Synchronization

/// A shard's subscribers by what they follow, and which of them have something to send.
///
/// Lives on the shard's queue, but for `tell`.
// Sendable: what is not behind the lock is touched on `queue` alone.
final class Audience: @unchecked Sendable {
  private let queue: IOQueue
  /// This shard's, in a topic's sets.
  private let bit: UInt64
  private let counters: Counters

  // Any thread:
  /// Topics with news that nobody here has looked at.
  private let news = Locked<[Topic]>([])

  // On `queue`:
  private var followers: [ObjectIdentifier: SubscriberList] = [:]
  /// Subscribers with something to send; those before `next` are done.
  private var due: [Subscriber] = []
  private var next = 0
  /// Those who could not take all that there was.
  private var behind: [ObjectIdentifier: Subscriber] = [:]

  /// Subscribers that are served before others on the queue have their turn.
  private static let slice = 512

  init(shard number: Int, on queue: IOQueue, counters: Counters) {
    bit = 1 << UInt64(number)
    self.queue = queue
    self.counters = counters
  }

  /// There is something to see in a topic. From any thread; wakes the queue once, however much is told meanwhile.
  func tell(_ topic: Topic) {
    let isFirst = news.withLock { news in
      news.append(topic)
      return news.count == 1
    }
    if isFirst { queue.perform { self.attend() } }
  }

  private func attend() {
    let topics = news.withLock { news in
      defer { news = [] }
      return news
    }
    for topic in topics {
      // Before they look: what comes about later is told again.
      topic.looks(bit)
      followers[ObjectIdentifier(topic)]?.wakeAll()
    }
  }

  /// Sends now what has just been told, if it is for few: they should not wait for an answer that is about to be sent to
  /// whoever told it.
  func sendToFew() {
    let count = news.withLock { $0.reduce(0) { $0 + (followers[ObjectIdentifier($1)]?.count ?? 0) } }
    guard 1...Self.few ~= count, due.isEmpty else { return }
    attend()
    flush()
  }

  private static let few = 4

  // MARK: Following

  func add(_ subscriber: Subscriber, to topic: Topic, slot: Int) {
    followers[ObjectIdentifier(topic), default: SubscriberList()].add(subscriber, slot: slot)
    topic.follow(bit)
  }

  func remove(_ subscriber: Subscriber, from topic: Topic, slot: Int) {
    let key = ObjectIdentifier(topic)
    followers[key]?.remove(subscriber, slot: slot)
    guard followers[key]?.isEmpty == true else { return }
    followers[key] = nil
    topic.unfollow(bit)
  }

  // MARK: Sending

  /// Has the subscriber flushed once the queue has done what it does now.
  func setNeedsFlush(_ subscriber: Subscriber) {
    due.append(subscriber)
    if due.count == 1 { queue.perform { self.flush() } }
  }

  /// Those who come due while others are served are served in their turn.
  private func flush() {
    let end = min(next + Self.slice, due.count)
    while next < end {
      due[next].flush()
      next += 1
    }
    if next < due.count {
      // Where more comes due than is served, there is never an end.
      if next >= due.count / 2 + Self.slice {
        due.removeFirst(next)
        next = 0
      }
      queue.perform { self.flush() }
    } else {
      due.removeAll(keepingCapacity: due.count <= Self.slice)
      next = 0
    }
    measureLag()
  }

  // MARK: Lag

  func isBehind(_ subscriber: Subscriber) { behind[ObjectIdentifier(subscriber)] = subscriber }

  func isNotBehind(_ subscriber: Subscriber) {
    guard !behind.isEmpty, behind.removeValue(forKey: ObjectIdentifier(subscriber)) != nil else { return }
    if behind.isEmpty { measureLag() }
  }

  private func measureLag() {
    guard !behind.isEmpty || counters.largestLag.load(ordering: .relaxed) != 0 else { return }
    counters.largestLag.store(behind.values.reduce(0) { max($0, $1.cursor.lag) }, ordering: .relaxed)
  }
}

/// Who follows something. Each knows its place here, so that leaving costs the same in a crowd.
struct SubscriberList {
  private var members: [(subscriber: Subscriber, slot: Int)] = []

  var isEmpty: Bool { members.isEmpty }
  var count: Int { members.count }

  /// - Parameter slot: which of the subscriber's places this one is.
  mutating func add(_ subscriber: Subscriber, slot: Int) {
    subscriber.places[slot] = members.count
    members.append((subscriber, slot))
  }

  mutating func remove(_ subscriber: Subscriber, slot: Int) {
    let place = subscriber.places[slot]
    let last = members.removeLast()
    guard place < members.count else { return }
    members[place] = last
    last.subscriber.places[last.slot] = place
  }

  func wakeAll() {
    for member in members { member.subscriber.wake() }
  }
}

/// Where a subscriber stands in each list that it is in: most often one, for which nothing is allocated.
struct Places {
  private var first = 0
  private var others: [Int]

  init(count: Int) { others = count > 1 ? Array(repeating: 0, count: count - 1) : [] }

  subscript(slot: Int) -> Int {
    get { slot == 0 ? first : others[slot - 1] }
    set { if slot == 0 { first = newValue } else { others[slot - 1] = newValue } }
  }
}
