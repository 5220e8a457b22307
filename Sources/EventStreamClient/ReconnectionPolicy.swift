/// When an `EventSource` connects again, how long it waits before, and when it gives up.
///
/// A value without a clock: `ReconnectionSchedule` applies it.
public struct ReconnectionPolicy: Sendable, Hashable {
  /// The reconnection time until the server sets another: no attempt is made sooner than this after a connection was
  /// lost. Zero is allowed.
  public var reconnectionTime: Duration = .seconds(2)

  /// The shortest reconnection time that a server's `retry` field can set. A shorter one counts as this: a server that
  /// says 0 and ends each stream at once is not to be asked again as fast as it answers.
  public var shortestReconnectionTime: Duration = .milliseconds(100)

  /// The longest reconnection time that a server's `retry` field can set. A longer one counts as this.
  public var longestReconnectionTime: Duration = .seconds(300)

  /// How much longer each further failure in a row makes the wait. 1 keeps it the same.
  public var backoffFactor: Double = 2

  /// Where the growth ends. A reconnection time or Retry-After above it still holds.
  public var longestBackoff: Duration = .seconds(30)

  /// Up to how large a part of the wait is added to it at random, so that clients that lost the same server do not
  /// come back as one.
  public var jitter: Double = 0.25

  /// A stream that stayed open this long wipes out the failures before it. One that brought events and ended sooner
  /// takes one of them back.
  public var goodPeriod: Duration = .seconds(15)

  /// The longest Retry-After that is obeyed. A longer one counts as this.
  public var longestRetryAfter: Duration = .seconds(3600)

  /// The response statuses after which another attempt is made. Any other status but 200, 204 and a redirect is final.
  public var retriedStatuses: [ClosedRange<Int>] = []

  /// How many attempts in a row may fail to open the stream; nil for no limit. 1 means a single attempt.
  public var maxAttempts: Int?

  /// How long the stream may stay away before the last failure is final; nil for no limit, zero for no second attempt.
  /// An attempt that is under way then has failed, but each has a second at least. The preparation of a single request
  /// (not of a stream) takes as long as it takes.
  public var maxOutage: Duration?

  /// The policy of the HTML standard, as ``standard``, to change what is to be otherwise.
  public init() {}

  /// As the HTML standard has it: lost connections and network errors are tried again, any answer that is no event
  /// stream is final.
  public static let standard = ReconnectionPolicy()

  /// For those who have to see the end: a server that is overloaded or being replaced (429, 5xx) is tried again too.
  public static let resilient: ReconnectionPolicy = {
    var policy = ReconnectionPolicy()
    policy.retriedStatuses = [429...429, 500...599]
    return policy
  }()

  /// One attempt, no second one.
  public static let never: ReconnectionPolicy = {
    var policy = ReconnectionPolicy()
    policy.maxAttempts = 1
    policy.maxOutage = .zero
    return policy
  }()

  /// Whether another attempt could end better than with `error`.
  func retries(_ error: EventSourceError) -> Bool {
    switch error {
    case .connectionFailed, .timedOut, .streamEnded, .preparationFailed: true
    case .unexpectedStatus(let response): retriedStatuses.contains { $0.contains(response.status) }
    case .invalidRequest, .untrusted, .notHTTP, .redirectFailed, .unexpectedContentType, .eventTooLarge, .gaveUp,
      .cancelled:
      false
    }
  }
}
