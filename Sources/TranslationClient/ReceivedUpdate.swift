@_exported public import TranslationAPI

/// A status update with the moment at which it reached this machine.
public struct ReceivedUpdate: Sendable, Hashable {
  /// What the server said.
  public let update: StatusUpdate
  /// When the bytes came in, by this machine's clock: seconds since 1970.
  public let received: Double
  /// When the server sent it here, by the server's clock: seconds since 1970; nil if it does not say. Later than the
  /// `timestamp` for who comes late.
  public let sent: Double?
  /// How far the server's clock was ahead of this machine's; nil if that is not known: the clocks are then taken to be
  /// equal.
  public let clockOffset: ClockOffset?

  /// An update as it is given, for tests of what shows them.
  public init(_ update: StatusUpdate, sent: Double? = nil, received: Double, clockOffset: ClockOffset? = nil) {
    self.update = update
    self.sent = sent
    self.received = received
    self.clockOffset = clockOffset
  }

  /// How far the translation is.
  public var status: TranslationStatus { update.status }
  /// When the status came about, by the server's clock: seconds since 1970. Not when it was sent: whoever asks late
  /// sees the same one.
  public var timestamp: Double { update.timestamp }
  /// How much is done, from 0 to 1, if the server says.
  public var progress: Double? { update.progress }
  /// What the server says besides; with `error`, why.
  public var message: String? { update.message }

  /// From the status's coming about to its reception, with the clocks' offset taken out: off by `delayError` at the most.
  /// Where the offset is not known it is as good as the clocks' agreement, and negative if this machine's is behind. A
  /// timestamp that is no time at all counts as 30,000 years away.
  public var delay: Duration {
    .seconds(min(max(received + (clockOffset?.seconds ?? 0) - timestamp, -1e12), 1e12))
  }

  /// How far off the delay is at the most; nil if the clocks were taken to be equal.
  public var delayError: Duration? { clockOffset.map { .seconds($0.error) } }
}
