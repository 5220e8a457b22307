/// An event is larger than its reader was told to accept. Raise the parser's `maxEventBytes`, or have the server send less
/// in one event; connecting again by itself will meet the same event again.
public struct EventTooLarge: Error, Sendable, Hashable, CustomStringConvertible {
  /// The limit that was passed.
  public let maxEventBytes: Int

  /// An error that tells this limit. The parser makes them; a test of what catches them may too.
  public init(maxEventBytes: Int) {
    self.maxEventBytes = maxEventBytes
  }

  /// One sentence for a person.
  public var description: String {
    "An event is larger than \(maxEventBytes) bytes. Raise the limit, or have the server send less in one event."
  }
}
