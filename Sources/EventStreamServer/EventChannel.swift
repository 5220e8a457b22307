internal import IOQueue
internal import Synchronization

/// What many subscribers follow: events in order, the latest of which is the state of things.
///
/// Make one with `HTTPServer.makeChannel`, or several with a hub; answer requests with `HTTPResponse.events(channel)`;
/// publish from wherever the events come about:
///
/// ```swift
/// let channel = server.makeChannel()
/// channel.publish(#"{"status":"pending"}"#)
/// channel.publish(#"{"status":"completed"}"#)
/// channel.finish()
/// ```
///
/// Events are numbered: their ids are `EPOCH-1`, `EPOCH-2` and so on, in one sequence for all channels of a hub. A
/// subscriber holds no more than a place in the history. One who falls behind it gets the latest event, never a growing
/// backlog, and always the final one. One who comes back with an id that is not held any more gets the latest event
/// under the type `reset`.
///
/// Everything here may be called from any thread. What one thread publishes arrives in its order.
public final class EventChannel: Sendable {
  let hub: EventHub
  // On the hub's queue:
  nonisolated(unsafe) let topic = Topic()

  // Written on the queue, read anywhere:
  private let latest = Atomic<UInt64>(0)
  private let finished = Atomic<Bool>(false)

  init(of hub: EventHub) { self.hub = hub }

  /// The first part of every id.
  public var epoch: String { hub.epoch }

  /// Sends an event to every subscriber, now and later. After `finish` it does nothing. A type with a line end traps.
  ///
  /// Returns before it is sent, with the event published if the caller runs on the server's queue.
  public func publish(_ data: String, type: String = "message") {
    let isOneLine = !type.utf8.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    precondition(isOneLine, "an event's type cannot hold a line end")
    hub.onQueue {
      self.hub.log.append(data, type: type, to: self.topic)
      self.latest.store(self.topic.latest, ordering: .releasing)
    }
  }

  /// The latest event is the last one: every subscriber gets what is left and the end of the stream, whoever comes
  /// later the last event and the end, and whoever has seen that, 204. A second call does nothing.
  public func finish() {
    hub.onQueue {
      self.finished.store(true, ordering: .releasing)
      self.hub.log.finish(self.topic)
    }
  }

  /// Whether `finish` was called. Exact on the server's queue, so in a handler; elsewhere it may be old by the time
  /// that you have it, as with the next two.
  public var isFinished: Bool { finished.load(ordering: .acquiring) }

  /// The id of the latest event; nil before the first.
  public var latestID: String? {
    let number = latest.load(ordering: .acquiring)
    return number == 0 ? nil : hub.log.id(number)
  }
}
