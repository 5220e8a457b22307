/// How far a server's clock is ahead of this machine's.
public struct ClockOffset: Sendable, Hashable {
  /// To be added to a time of this machine's clock; negative if the server's is behind.
  public let seconds: Double
  /// How far off that is at the most, as long as the server's clock keeps its pace: see ``TranslationClient``.
  public let error: Double

  /// An offset as it is given, in seconds; neither is checked.
  public init(seconds: Double, error: Double) {
    self.seconds = seconds
    self.error = error
  }
}
