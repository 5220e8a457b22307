@_exported public import TranslationAPI

/// A status update with the moment at which it reached this machine.
public struct ReceivedUpdate: Sendable, Hashable {
  /// What the server said.
  public let update: StatusUpdate
  /// When the bytes came in, by this machine's clock: seconds since 1970.
  public let received: Double

  public init(_ update: StatusUpdate, received: Double) {
    self.update = update
    self.received = received
  }

  public var status: TranslationStatus { update.status }
  /// When the status came about, by the server's clock: seconds since 1970. Not when it was sent: whoever asks late
  /// sees the same one.
  public var timestamp: Double { update.timestamp }
  /// How much is done, from 0 to 1, if the server says.
  public var progress: Double? { update.progress }
  /// What the server says besides; with `error`, why.
  public var message: String? { update.message }

  /// From the status's coming about to its reception. It compares two machines' clocks: as good as their agreement,
  /// and negative if this machine's is behind. A timestamp that is no time at all counts as 30,000 years away.
  public var delay: Duration { .seconds(min(max(received - timestamp, -1e12), 1e12)) }
}
