internal import IOQueue

/// Who may ask a server for what.
///
/// A token that is in several lists has the roles of all. Without a subscriber's token and without keys everybody may
/// read; without a publisher's, an admin's and without keys only this machine may publish.
public struct Access: Sendable {
  /// Tokens of those who may read: statuses, lists and streams.
  public var subscribeTokens: [String] = []
  /// Tokens of those who may submit, report and cancel.
  public var publishTokens: [String] = []
  /// Tokens of those who may do all of that, and read `/metrics`.
  public var adminTokens: [String] = []

  /// JSON Web Tokens that one of these has signed are good for the roles of their claim `scope` (`subscribe`, `publish`,
  /// `admin`, separated by spaces), for the translations whose ids their claim `jobs` lists, or for all without it, and
  /// until `exp`: then their streams end.
  public var keys: KeySet?
  /// The `aud` that such a token has to have. Without this one, a token that has any is refused.
  public var audience: String?
  /// The `iss` that it has to have; nil for any.
  public var issuer: String?

  /// The origins whose pages may use the server from a browser: `https://example.org`; `*` for all, to read without
  /// credentials.
  public var allowedOrigins: [String] = []
  /// Requests a second that one token may publish with, above 0; nil for no limit. So many may come at once.
  public var publishRate: Double?

  /// Seconds since 1970.
  var now: @Sendable () -> Double = { WallClock.now }
  /// Nanoseconds of a clock that does not jump.
  var monotonic: @Sendable () -> UInt64 = { Monotonic.now }

  /// Everybody may read, and only this machine may publish.
  public init() {}

  /// Whether nobody but this machine may publish, since there is no token to do it with.
  public var publishesFromLoopbackOnly: Bool { publishTokens.isEmpty && adminTokens.isEmpty && keys == nil }

  /// Whether there is any token, or a key for one.
  public var hasTokens: Bool { !isReadingOpen || !publishesFromLoopbackOnly }

  var isReadingOpen: Bool { subscribeTokens.isEmpty && keys == nil }
}
