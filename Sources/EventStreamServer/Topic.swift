internal import Synchronization

/// A channel's part of an event log: its events that are still held, and which shards are to hear of the next one.
// Sendable: the stored variables are touched under the log's lock alone; the sets of shards are atomic, and each list of
// followers is touched on its shard's queue alone.
final class Topic: @unchecked Sendable {
  struct Event: Sendable {
    /// Its place in the log; the last part of its id.
    let number: UInt64
    /// When it was published, by the clock that never jumps: nanoseconds.
    let time: UInt64
    /// The block as it goes out.
    let frame: [UInt8]
    /// Where in the frame the time of sending goes; -1 for nowhere.
    var sendingTime: Int32 = -1
  }

  // Under the log's lock:
  /// In order; the last one is the state of things and is never dropped.
  private(set) var held: [Event] = []
  /// How many are not held any more.
  private(set) var dropped: UInt64 = 0
  /// The number of the newest of those; 0 without any.
  private(set) var newestDropped: UInt64 = 0
  /// No event follows.
  var isFinished = false
  /// The log has forgotten it.
  var isRemoved = false

  /// A list for each shard.
  private let followers: UnsafeMutableBufferPointer<SubscriberList>

  // Any thread, a bit for each shard:
  /// Those with subscribers who follow it.
  private let followed = Atomic<UInt64>(0)
  /// Those that were told of news and have not looked yet.
  private let told = Atomic<UInt64>(0)

  init(shards: Int) {
    followers = .allocate(capacity: shards)
    followers.initialize(repeating: SubscriberList())
  }

  deinit {
    followers.deinitialize()
    followers.deallocate()
  }

  /// The number of the latest event; 0 before the first.
  var latest: UInt64 { held.last?.number ?? 0 }

  /// How many events there were: the ordinal of the next one, counted from 0.
  var count: UInt64 { dropped + UInt64(held.count) }

  func append(_ event: Event) { held.append(event) }

  /// Drops the oldest event that is held.
  func dropFirst() {
    newestDropped = held.removeFirst().number
    dropped += 1
  }

  /// The event of that ordinal, or the latest one if it is not held any more.
  func event(_ ordinal: UInt64) -> (event: Event, ordinal: UInt64)? {
    guard ordinal < count else { return nil }
    // The latest is always held.
    let actual = ordinal < dropped ? count - 1 : ordinal
    return (held[Int(actual - dropped)], actual)
  }

  /// The event of that number.
  func event(number: UInt64) -> Event? {
    // Most often the latest is asked for.
    held.last { $0.number <= number }.flatMap { $0.number == number ? $0 : nil }
  }

  /// The ordinal of the first event after that number.
  func ordinal(after number: UInt64) -> UInt64 {
    dropped + UInt64(held.firstIndex { $0.number > number } ?? held.count)
  }

  // MARK: Shards

  /// Those who follow it on a shard. On that shard's queue.
  func followers(on shard: Int) -> SubscriberList { followers[shard] }

  /// Whoever looks at the events after this misses none: what comes about later is told. On the shard's queue.
  func add(_ subscriber: Subscriber, slot: Int, on shard: Int) {
    followers[shard].add(subscriber, slot: slot)
    followed.bitwiseOr(1 << UInt64(shard), ordering: .sequentiallyConsistent)
  }

  /// On the shard's queue.
  func remove(_ subscriber: Subscriber, slot: Int, on shard: Int) {
    followers[shard].remove(subscriber, slot: slot)
    guard followers[shard].isEmpty else { return }
    // Gives the memory back.
    followers[shard] = SubscriberList()
    followed.bitwiseAnd(~(1 << UInt64(shard)), ordering: .relaxed)
  }

  /// The shards to be told that there is something to see: those that follow and do not know it yet.
  func shardsToTell() -> UInt64 {
    let followed = followed.load(ordering: .sequentiallyConsistent)
    guard followed != 0 else { return 0 }
    return followed & ~told.bitwiseOr(followed, ordering: .sequentiallyConsistent).oldValue
  }

  /// The shard is about to look.
  func looks(_ shard: Int) { told.bitwiseAnd(~(1 << UInt64(shard)), ordering: .sequentiallyConsistent) }
}
