/// A channel's part of an event log: its events that are still held, and who waits for the next one.
///
/// Lives on the server's queue.
final class Topic {
  struct Event {
    /// Its place in the log; the last part of its id.
    let number: UInt64
    /// When it was published, by the clock that never jumps: nanoseconds.
    let time: UInt64
    /// The block as it goes out.
    let frame: [UInt8]
  }

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
  var subscribers = SubscriberList()

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
}

/// Who follows something. Each knows its place here, so that leaving costs the same in a crowd.
struct SubscriberList {
  private var members: [(subscriber: Subscriber, slot: Int)] = []

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
