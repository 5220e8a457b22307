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
  let topic: Topic

  init(of hub: EventHub) {
    self.hub = hub
    topic = hub.log.makeTopic()
  }

  /// The first part of every id.
  public var epoch: String { hub.epoch }

  /// Stands in data for the time of sending, and has its form: seconds since 1970 to the microsecond, a JSON number.
  public static let sendingTime = SendingTime.placeholder

  /// Sends an event to every subscriber, now and later. After `finish` it does nothing. A type with a line end traps.
  ///
  /// Returns with the event in the history, before it is sent: whoever subscribes from then on finds it.
  ///
  /// - Parameters:
  ///   - data: the payload; its line ends arrive as LF.
  ///   - type: what a reader listens to; `message` is what browsers give to `onmessage`.
  ///   - tellsSendingTime: the last `sendingTime` in the data is replaced, for each subscriber, by the moment at which the
  ///     event is sent to it: also to one who comes late, or comes back.
  public func publish(_ data: String, type: String = "message", tellsSendingTime: Bool = false) {
    let isOneLine = type.everyByte { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    precondition(isOneLine, "an event's type cannot hold a line end")
    hub.log.append(data, type: type, tellsSendingTime: tellsSendingTime, to: topic)
  }

  /// The latest event is the last one: every subscriber gets what is left and the end of the stream, whoever comes
  /// later the last event and the end, and whoever has seen that, 204. A second call does nothing.
  public func finish() { hub.log.finish(topic) }

  /// Whether `finish` was called.
  public var isFinished: Bool { hub.log.locked { topic.isFinished } }

  /// The id of the latest event; nil before the first.
  public var latestID: String? {
    let number = hub.log.locked { topic.latest }
    return number == 0 ? nil : hub.log.id(number)
  }
}
