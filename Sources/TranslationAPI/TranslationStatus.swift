/// How far a translation is. The raw value is the word on the wire.
public enum TranslationStatus: String, Sendable, Hashable, CaseIterable {
  /// It waits for its turn.
  case pending
  /// It is being worked on.
  case running
  /// It is done.
  case completed
  /// The translation failed; the update's `message` may say why.
  case error
  /// Somebody did not want it any more.
  case cancelled

  /// True if no other status follows.
  public var isFinal: Bool {
    switch self {
    case .pending, .running: false
    case .completed, .error, .cancelled: true
    }
  }
}
