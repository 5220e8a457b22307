internal import IOQueue
internal import Synchronization

/// What a shard's subscribers are to be told, and which of them have something to send.
///
/// Lives on the shard's queue, but for `tell`.
// Sendable: what is not behind the lock is touched on `queue` alone.
final class Audience: @unchecked Sendable {
  private let queue: IOQueue
  /// Its shard's number.
  private let shard: Int
  private let counters: Counters

  // Any thread:
  /// Topics with news that nobody here has looked at.
  private let news = Locked<[Topic]>([])

  // On `queue`:
  /// A handler is being called, and looks at news afterwards.
  private var isAnswering = false
  /// Subscribers with something to send; those before `next` are done.
  private var due: [Subscriber] = []
  private var next = 0
  /// Those who could not take all that there was.
  private var behind: [ObjectIdentifier: Subscriber] = [:]
  private lazy var lagTimer = IOTimer(on: queue) { [unowned self] in measureLag() }

  /// Subscribers that are served before others on the queue have their turn.
  private static let slice = 512

  init(shard: Int, on queue: IOQueue, counters: Counters) {
    self.shard = shard
    self.queue = queue
    self.counters = counters
  }

  /// There is something to see in a topic. From any thread; wakes the queue once, however much is told meanwhile.
  func tell(_ topic: Topic) {
    let isFirst = news.withLock { news in
      news.append(topic)
      return news.count == 1
    }
    // Who is answering a request will look when that has been handled.
    if isFirst, !(queue.isCurrent && isAnswering) { queue.perform { self.attend() } }
  }

  /// Has the handler of a request called. What it tells few of is sent before `body` returns: they should not wait for
  /// the answer that goes to whoever told it.
  func answering<Result>(_ body: () -> Result) -> Result {
    isAnswering = true
    let result = body()
    isAnswering = false
    if let topics = takeNews(ofFew: true) {
      look(at: topics) { $0.flush() }
    } else if news.withLock({ !$0.isEmpty }) {
      queue.perform { self.attend() }
    }
    return result
  }

  private func attend() {
    if let topics = takeNews(ofFew: true) {
      look(at: topics) { $0.flush() }
    } else if let topics = takeNews(ofFew: false) {
      look(at: topics) { $0.wake() }
    }
  }

  private func look(at topics: [Topic], _ tell: (Subscriber) -> Void) {
    for topic in topics {
      // Before they look: what comes about later is told again.
      topic.looks(shard)
      topic.followers(on: shard).forEach(tell)
    }
  }

  /// - Parameter ofFew: only if it is for few subscribers, who can be served at once.
  /// - Returns: nil if there is none.
  private func takeNews(ofFew: Bool) -> [Topic]? {
    news.withLock { news in
      guard !news.isEmpty, !ofFew || isForFew(news) else { return nil }
      defer { news = [] }
      return news
    }
  }

  private func isForFew(_ topics: [Topic]) -> Bool {
    var count = 0
    for topic in topics {
      count += topic.followers(on: shard).count
      if count > Self.few { return false }
    }
    return topics.count <= Self.few
  }

  private static let few = 4

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
  }

  /// Serves all who are due, and those who become so by that.
  func flushAll() {
    while !due.isEmpty { flush() }
  }

  // MARK: Lag

  func isBehind(_ subscriber: Subscriber) {
    behind[ObjectIdentifier(subscriber)] = subscriber
    if !lagTimer.isScheduled { lagTimer.schedule(after: Self.lagInterval) }
  }

  func isNotBehind(_ subscriber: Subscriber) {
    guard !behind.isEmpty, behind.removeValue(forKey: ObjectIdentifier(subscriber)) != nil else { return }
    if behind.isEmpty { measureLag() }
  }

  /// A look at all of them, however many: not for each event, then.
  private func measureLag() {
    counters.largestLag.store(behind.values.reduce(0) { max($0, $1.cursor.lag) }, ordering: .relaxed)
    if behind.isEmpty { lagTimer.cancel() } else { lagTimer.schedule(after: Self.lagInterval) }
  }

  private static let lagInterval: Duration = .milliseconds(100)
}
