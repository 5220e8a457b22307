internal import EventStream
internal import IOQueue
internal import Synchronization

/// What many subscribers follow: events in order, the latest of which is the state of things.
///
/// Make one with `HTTPServer.makeChannel`, answer requests with `HTTPResponse.events(channel)`, publish from wherever
/// the events come about:
///
/// ```swift
/// let channel = server.makeChannel()
/// channel.publish(#"{"status":"pending"}"#)
/// channel.publish(#"{"status":"completed"}"#)
/// channel.finish()
/// ```
///
/// Events are numbered: their ids are `EPOCH-1`, `EPOCH-2` and so on. A subscriber holds no more than a place in the
/// channel's history. One who falls behind it gets the latest event, never a growing backlog, and always the final one.
///
/// Everything here may be called from any thread. What one thread publishes arrives in its order.
// Sendable: the stored variables are touched on `queue` alone, the rest is constant or atomic.
public final class EventChannel: @unchecked Sendable {
  /// How much a channel keeps for subscribers who come back or lag; the latest event in any case.
  public struct History: Sendable {
    public var events: Int
    /// Of encoded events.
    public var bytes: Int

    public init(events: Int = 256, bytes: Int = 262_144) {
      self.events = events
      self.bytes = bytes
    }
  }

  /// The first part of every id.
  public let epoch: String
  let queue: IOQueue

  // Written on `queue`, read anywhere:
  private let latest = Atomic<UInt64>(0)
  private let finished = Atomic<Bool>(false)
  private let subscribed = Atomic<Int>(0)

  // On `queue`:
  private var ring: EventRing
  private var subscribers: [Subscriber] = []

  init(on queue: IOQueue, history: History, epoch: String?) {
    self.queue = queue
    self.epoch = epoch ?? String(UInt64.random(in: 1 << 40..<1 << 45), radix: 32)
    ring = EventRing(limit: history)
    precondition(!self.epoch.utf8.contains { $0 < 0x20 }, "an epoch with control characters cannot be part of an id")
  }

  /// Sends an event to every subscriber, now and later. After `finish` it does nothing. A type with a line end traps.
  ///
  /// Returns before it is sent, with the event published if the caller runs on the server's queue.
  public func publish(_ data: String, type: String = "message") {
    let isOneLine = !type.utf8.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    precondition(isOneLine, "an event's type cannot hold a line end")
    onQueue { self.append(data, type) }
  }

  /// The latest event is the last one: every subscriber gets what is left and the end of the stream, whoever comes
  /// later the last event and the end. A second call does nothing.
  public func finish() {
    onQueue {
      guard !self.isFinished else { return }
      self.finished.store(true, ordering: .releasing)
      self.wakeAll()
    }
  }

  /// Whether `finish` was called. Exact on the server's queue, so in a handler; elsewhere it may be old by the time
  /// that you have it, as with the next two.
  public var isFinished: Bool { finished.load(ordering: .acquiring) }

  /// The id of the latest event; nil before the first.
  public var latestID: String? {
    let number = latest.load(ordering: .acquiring)
    return number == 0 ? nil : id(number)
  }

  /// Open streams of this channel.
  public var subscriberCount: Int { subscribed.load(ordering: .relaxed) }

  // MARK: For subscribers, on the queue

  func add(_ subscriber: Subscriber) {
    queue.assertCurrent()
    subscriber.place = subscribers.count
    subscribers.append(subscriber)
    subscribed.store(subscribers.count, ordering: .relaxed)
  }

  func remove(_ subscriber: Subscriber) {
    queue.assertCurrent()
    let last = subscribers.removeLast()
    if last !== subscriber {
      subscribers[subscriber.place] = last
      last.place = subscriber.place
    }
    subscribed.store(subscribers.count, ordering: .relaxed)
  }

  /// Where a subscriber starts who has seen the event of that id: behind it, if everything since is held; else at the
  /// latest event.
  func cursor(after lastEventID: String?) -> UInt64 {
    if let seen = lastEventID.flatMap(number(of:)), seen <= ring.latest, seen &+ 1 >= ring.oldest { return seen + 1 }
    return max(ring.latest, 1)
  }

  /// Whether there is an event for the subscriber at `cursor` now.
  func holds(_ cursor: UInt64) -> Bool { cursor <= ring.latest }

  /// The next event for the subscriber at `cursor`; nil when there is none yet.
  func next(_ cursor: inout UInt64) -> [UInt8]? { ring.next(&cursor) }

  // MARK: Privately

  private func append(_ data: String, _ type: String) {
    guard !isFinished, let event = try? ServerSentEvent(type: type, data: data, id: id(ring.latest + 1)) else { return }
    ring.append(EventEncoder.encode(event))
    latest.store(ring.latest, ordering: .releasing)
    wakeAll()
  }

  private func wakeAll() {
    for subscriber in subscribers { subscriber.wake() }
  }

  private func id(_ number: UInt64) -> String { "\(epoch)-\(number)" }

  /// The number of an id of this epoch.
  private func number(of id: String) -> UInt64? {
    guard id.hasPrefix(epoch) else { return nil }
    let rest = id.dropFirst(epoch.count)
    guard rest.first == "-", let number = UInt64(rest.dropFirst()) else { return nil }
    // Only as we write it: no sign, no leading zero.
    return self.id(number) == id ? number : nil
  }

  private func onQueue(_ work: @escaping @Sendable () -> Void) {
    if queue.isCurrent { work() } else { queue.perform(work) }
  }
}
