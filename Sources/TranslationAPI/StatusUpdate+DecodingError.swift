extension StatusUpdate {
  /// Why a text is no status update. All mean that what answers is no status server, or a newer one.
  public enum DecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is not JSON. `position` counts bytes from 0, `reason` tells what was expected there.
    case notJSON(position: Int, reason: String)
    /// The text is JSON but not an object: an array, a string, a number …
    case notAnObject
    /// The object has no member of this name.
    case missing(String)
    /// The object's status is a word that this version does not know.
    case unknownStatus(String)
    /// The member of this name is not what it should be.
    case wrongType(of: String, expected: String)

    /// One sentence that a person can act on, without its full stop.
    public var description: String {
      switch self {
      case .notJSON(let position, let reason):
        "The status is not JSON: \(reason), at byte \(position)"
      case .notAnObject:
        "The status is JSON but not an object like {\"status\":\"pending\",\"timestamp\":1733752895.6}"
      case .missing(let key):
        "The status object has no \"\(key)\""
      case .unknownStatus(let word):
        // A server's word goes to a log or a terminal: in quotation marks, escaped, not endless.
        "The status \(String(word.prefix(40)).debugDescription) is none of "
          + TranslationStatus.allCases.map(\.rawValue).joined(separator: ", ")
      case .wrongType(let key, let expected):
        "The \"\(key)\" of the status object is not \(expected)"
      }
    }
  }
}
