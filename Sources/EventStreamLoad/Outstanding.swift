/// Events that were published and have not reached all of their topic's subscribers.
///
/// An event of a topic that came about later stands for those before it: servers that give a slow subscriber the latest
/// alone would hold up everything otherwise.
struct Outstanding {
  private struct Event {
    let number: Int
    let time: UInt64
    var missing: Int
  }
  private var topics: [[Event]]
  private var numbers: [Int]
  private(set) var count = 0
  /// How many have yet to get one, over all of them.
  private(set) var missing = 0
  /// How many there are when each event that was published has reached each that was to get it.
  private(set) var deliveries = 0

  init(topics: Int) {
    self.topics = Array(repeating: [], count: topics)
    numbers = Array(repeating: 0, count: topics)
  }

  /// - Parameter subscribers: how many are to get it.
  /// - Returns: its number, for `withdraw`.
  @discardableResult
  mutating func publish(topic: Int, at time: UInt64, to subscribers: Int) -> Int {
    numbers[topic] += 1
    guard subscribers > 0 else { return numbers[topic] }
    deliveries += subscribers
    missing += subscribers
    topics[topic].append(Event(number: numbers[topic], time: time, missing: subscribers))
    count += 1
    return numbers[topic]
  }

  /// The server did not take an event, or did not say so: nobody waits for it.
  mutating func withdraw(topic: Int, number: Int) {
    guard let index = topics[topic].firstIndex(where: { $0.number == number }) else { return }
    let event = topics[topic].remove(at: index)
    deliveries -= event.missing
    missing -= event.missing
    count -= 1
    finish(topic)
  }

  /// A subscriber got an event that came about then; nil for an event that doesn't tell, which is taken for the next.
  ///
  /// - Parameter seen: the number of the latest that it had got before.
  /// - Returns: that of the latest now.
  mutating func deliver(topic: Int, time: UInt64?, after seen: Int) -> Int {
    var latest = seen
    for index in topics[topic].indices where topics[topic][index].number > seen {
      if let time, topics[topic][index].time > time { break }
      arrive(topic, index)
      latest = topics[topic][index].number
      if time == nil { break }
    }
    finish(topic)
    return latest
  }

  /// A subscriber is gone, and waits for nothing.
  mutating func leave(topic: Int, after seen: Int) {
    for index in topics[topic].indices where topics[topic][index].number > seen { arrive(topic, index) }
    finish(topic)
  }

  private mutating func arrive(_ topic: Int, _ index: Int) {
    topics[topic][index].missing -= 1
    missing -= 1
  }

  private mutating func finish(_ topic: Int) {
    let finished = topics[topic].prefix { $0.missing <= 0 }.count
    guard finished > 0 else { return }
    topics[topic].removeFirst(finished)
    count -= finished
  }
}
