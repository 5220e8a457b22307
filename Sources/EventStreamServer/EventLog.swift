internal import IOQueue

/// The events of many topics in the one order in which they came about, numbered from 1.
///
/// It holds the last events within its limits and, beyond them, the latest event of each topic. So a subscriber who
/// lags, however far, still finds the state of everything, and never a backlog that grew.
///
/// Written by any thread, one at a time, and read by the subscribers of all shards.
// Sendable: the stored variables are touched under the lock alone.
final class EventLog: @unchecked Sendable {
  private let lock = Lock()
  private let epoch: String
  /// Of the line that gives an event its id, up to the number.
  private let idStart: [UInt8]
  private let limit: EventHub.History
  private let counters: Counters
  /// Those of the shards, by number: to be told of news.
  private let audiences: [Audience]
  /// Stands for all topics where a subscriber follows all.
  let everything: Topic

  // Under the lock; also those that others read there:
  /// The number of the latest event; 0 before the first.
  private(set) var latest: UInt64 = 0
  /// The number of the newest event that is not held any more; 0 without any.
  private(set) var newestDropped: UInt64 = 0
  /// Topics that have an event.
  private(set) var topics = 0
  /// By number. Without a topic: dropped.
  private var entries: [(number: UInt64, topic: Topic?)] = []
  private var holes = 0
  /// Entries from here on count against the limit; those before are the latest of their topics.
  private var start = 0
  private var counted = 0
  private var bytes = 0

  init(epoch: String, limit: EventHub.History, counters: Counters, audiences: [Audience] = []) {
    self.epoch = epoch
    idStart = Array("id: \(epoch)-".utf8)
    self.limit = limit
    self.counters = counters
    self.audiences = audiences
    everything = Topic(shards: audiences.count)
  }

  func makeTopic() -> Topic { Topic(shards: audiences.count) }

  /// Runs `body` while nobody else reads or writes. It must not call out.
  func locked<Result>(_ body: () -> Result) -> Result { lock.locked(body) }

  // MARK: Publishing

  func append(_ data: String, type: String, tellsSendingTime: Bool = false, to topic: Topic) {
    // All but the id, which only the log can give, before others have to wait.
    let block = EventBlock(type: type, data: data, tellsSendingTime: tellsSendingTime)
    guard locked({ add(block, to: topic) }) else { return }
    counters.published.count()
    tell(topic)
    tell(everything)
  }

  func finish(_ topic: Topic) {
    locked { topic.isFinished = true }
    tell(topic)
  }

  /// Drops everything of the topic, but for the latest event, which those who follow it may not have got yet. Their
  /// streams end with it. For those who follow all it is an event of the history as any other, but no state that a new
  /// one finds.
  func remove(_ topic: Topic) {
    locked {
      topic.isFinished = true
      forget(topic)
    }
    tell(topic)
  }

  private func tell(_ topic: Topic) {
    var shards = topic.shardsToTell()
    while shards != 0 {
      audiences[shards.trailingZeroBitCount].tell(topic)
      shards &= shards - 1
    }
  }

  // MARK: Holding

  /// - Returns: false if the topic takes no more.
  private func add(_ block: EventBlock, to topic: Topic) -> Bool {
    guard !topic.isFinished else { return false }
    latest += 1
    let (frame, sendingTime) = block.frame(number: latest, after: idStart)
    let previous = topic.latest
    topic.append(Topic.Event(number: latest, time: Monotonic.now, frame: frame, sendingTime: sendingTime))
    entries.append((latest, topic))
    counted += 1
    bytes += frame.count
    if previous == 0 { topics += 1 }
    // What was kept as the latest of its topic is not any more.
    if let first = entries[..<start].last, previous != 0, previous <= first.number { drop(at: index(of: previous)) }
    while topic.held.count > max(1, limit.eventsPerChannel) { drop(at: index(of: topic.held[0].number)) }
    while counted > 1, counted > limit.events || bytes > limit.bytes { shrink() }
    compact()
    return true
  }

  private func forget(_ topic: Topic) {
    guard !topic.isRemoved else { return }
    topic.isRemoved = true
    while topic.held.count > 1 { drop(at: index(of: topic.held[0].number)) }
    if let last = topic.held.last {
      topics -= 1
      let index = index(of: last.number)
      if index < start { forget(at: index, bytes: last.frame.count) }
    }
    compact()
  }

  /// Takes the oldest entry that counts out of the count: drops it, unless it is the latest of its topic.
  private func shrink() {
    defer { start += 1 }
    let (number, topic) = entries[start]
    guard let topic else { return }
    if topic.isRemoved {
      // Those who follow it may still want the event.
      forget(at: start, bytes: topic.held[0].frame.count)
    } else if topic.latest == number {
      counted -= 1
      bytes -= topic.held[0].frame.count
    } else {
      drop(at: start)
    }
  }

  /// Drops an entry, which has to be the oldest that its topic holds, and its event.
  private func drop(at index: Int) {
    let topic = entries[index].topic!
    forget(at: index, bytes: topic.held[0].frame.count)
    topic.dropFirst()
  }

  private func forget(at index: Int, bytes: Int) {
    if index >= start {
      counted -= 1
      self.bytes -= bytes
    }
    newestDropped = max(newestDropped, entries[index].number)
    entries[index].topic = nil
    holes += 1
  }

  /// Closes the holes once they are most of all: each entry moves a few times at most.
  private func compact() {
    guard holes > 32, holes > entries.count / 2 else { return }
    let first = start < entries.count ? entries[start].number : .max
    entries.removeAll { $0.topic == nil }
    holes = 0
    start = self.position(of: first)
  }

  /// Where the first entry of that number or a higher one is.
  private func position(of number: UInt64) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func index(of number: UInt64) -> Int {
    let position = position(of: number)
    precondition(position < entries.count && entries[position].number == number, "an event that is held has an entry")
    return position
  }

  // MARK: Reading

  /// The first event of that number or a higher one; up to the number `latestUpTo` only one that is the latest of a topic
  /// that is still there.
  func event(from number: UInt64, latestUpTo boundary: UInt64) -> Topic.Event? {
    guard number <= latest else { return nil }
    for entry in entries[position(of: number)...] {
      guard let topic = entry.topic,
        entry.number > boundary || topic.latest == entry.number && !topic.isRemoved
      else { continue }
      return topic.event(number: entry.number)
    }
    return nil
  }

  // MARK: Ids

  func id(_ number: UInt64) -> String { "\(epoch)-\(number)" }

  /// The number of an id that was given out here; 0 is that of a stream that had no event yet.
  func number(of id: String) -> UInt64? {
    guard id.hasPrefix(epoch) else { return nil }
    let rest = id.dropFirst(epoch.count)
    guard rest.first == "-", let number = UInt64(rest.dropFirst()), number <= latest else { return nil }
    // Only as we write it: no sign, no leading zero.
    return self.id(number) == id ? number : nil
  }
}
