/// How far a translation is. The raw value is the word on the wire.
public enum TranslationStatus: String, Sendable, Hashable, CaseIterable {
  case pending
  case running
  case completed
  /// The translation failed; the update's `message` may say why.
  case error
  case cancelled

  /// True if no other status follows.
  public var isFinal: Bool {
    switch self {
    case .pending, .running: false
    case .completed, .error, .cancelled: true
    }
  }
}
