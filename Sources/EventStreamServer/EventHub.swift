/// Channels whose events have one order, so that a subscriber can follow one of them, some, or all, and resume any of
/// these from the last event ID.
///
///     let hub = server.makeHub()
///     let (first, second) = (hub.makeChannel(), hub.makeChannel())
///     first.publish(#"{"job":1,"status":"running"}"#)
///     // .events(first), .events([first, second]) or .events(hub)
///
/// The hub keeps its channels, until `remove`.
///
/// Everything here may be called from any thread.
public final class EventHub: Sendable {
  /// How much is kept for subscribers who come back or lag. The latest event of each channel is kept besides.
  public struct History: Sendable {
    /// Of all channels together.
    public var events: Int
    /// Of encoded events, of all channels together.
    public var bytes: Int
    /// Of one channel: so that a busy one does not take the others' place, and so far may a subscriber lag.
    public var eventsPerChannel: Int

    /// A history that is bounded by whichever of these is reached first.
    public init(events: Int = 16_384, bytes: Int = 8_388_608, eventsPerChannel: Int = 256) {
      self.events = events
      self.bytes = bytes
      self.eventsPerChannel = eventsPerChannel
    }
  }

  /// The first part of every id.
  public let epoch: String
  let log: EventLog
  let server: ServerState

  init(of server: ServerState, history: History, epoch: String?, counters: Counters, audiences: [Audience]) {
    self.server = server
    self.epoch = epoch ?? String(UInt64.random(in: 1 << 40..<1 << 45), radix: 32)
    precondition(!self.epoch.utf8.contains { $0 < 0x20 }, "an epoch with control characters cannot be part of an id")
    log = EventLog(epoch: self.epoch, limit: history, counters: counters, audiences: audiences)
  }

  /// One more channel, without an event yet.
  public func makeChannel() -> EventChannel { EventChannel(of: self) }

  /// Finishes a channel and forgets its events. Who follows it alone gets the end of the stream. Twice is fine.
  public func remove(_ channel: EventChannel) {
    precondition(channel.hub === self, "a channel can be removed from the hub that made it")
    log.remove(channel.topic)
  }
}
