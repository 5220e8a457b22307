internal import EventStreamServer

/// What a token is good for; the words of its `scope`.
enum Role: String, Sendable, CaseIterable {
  /// To read: statuses, lists, streams.
  case subscribe
  /// To submit, to report and to cancel.
  case publish
  /// All of that, and the server's figures.
  case admin
}

/// What a request may see and change.
struct Grant: Sendable {
  /// The translations it is limited to; nil for all.
  var jobs: Set<String>?
  /// Seconds since 1970 at which it ends.
  var expires: Double?
  /// Whom its streams are opened for.
  var owner: StreamOwner?

  static let unlimited = Grant()

  func covers(_ id: String) -> Bool { jobs?.contains(id) ?? true }
}
