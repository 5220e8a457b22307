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
  private var topics: [Int: [Event]] = [:]
  private var numbers: [Int: Int] = [:]
  private(set) var count = 0
  /// How many there are when each event that was published has reached each that was to get it.
  private(set) var deliveries = 0

  /// - Parameter subscribers: how many are to get it.
  /// - Returns: its number, for `withdraw`.
  @discardableResult
  mutating func publish(topic: Int, at time: UInt64, to subscribers: Int) -> Int {
    let number = (numbers[topic] ?? 0) + 1
    numbers[topic] = number
    guard subscribers > 0 else { return number }
    deliveries += subscribers
    topics[topic, default: []].append(Event(number: number, time: time, missing: subscribers))
    count += 1
    return number
  }

  /// The server did not take an event, or did not say so: nobody waits for it.
  mutating func withdraw(topic: Int, number: Int) {
    guard var events = topics[topic], let index = events.firstIndex(where: { $0.number == number }) else { return }
    deliveries -= events.remove(at: index).missing
    count -= 1
    finish(events, topic)
  }

  /// A subscriber got an event that came about then; nil for an event that doesn't tell, which is taken for the next.
  mutating func deliver(topic: Int, time: UInt64?, seen: inout Int) {
    guard count > 0, var events = topics[topic], !events.isEmpty else { return }
    topics[topic] = nil
    var latest = seen
    for index in events.indices where events[index].number > seen {
      if let time, events[index].time > time { break }
      events[index].missing -= 1
      latest = events[index].number
      if time == nil { break }
    }
    seen = latest
    finish(events, topic)
  }

  /// A subscriber is gone, and waits for nothing.
  mutating func leave(topic: Int, seen: Int) {
    guard var events = topics[topic] else { return }
    for index in events.indices where events[index].number > seen { events[index].missing -= 1 }
    finish(events, topic)
  }

  private mutating func finish(_ events: [Event], _ topic: Int) {
    let left = events.drop { $0.missing <= 0 }
    count -= events.count - left.count
    topics[topic] = left.count == events.count ? events : Array(left)
  }
}
