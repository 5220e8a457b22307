/// How long an open stream may be silent before it is taken for dead.
public enum IdleTimeout: Sendable, Hashable {
  /// Learns from the stream: once it has carried comments at an interval (heartbeats), three times that, at least
  /// 45 seconds. A stream without heartbeats may be silent for ever.
  case automatic
  /// So long, from the first byte on.
  case after(Duration)
  /// For ever.
  case never
}

/// Judges silence. It counts bytes and not events: a stream that only carries heartbeats is alive.
struct IdleWatchdog {
  private let timeout: IdleTimeout
  private var lastComment: Duration?
  private var heartbeat: Duration?

  private static let shortestAutomatic: Duration = .seconds(45)

  init(_ timeout: IdleTimeout) {
    self.timeout = timeout
  }

  /// A connection has been opened; what was learned of the last one's heartbeats still holds for this one.
  mutating func opened() {
    lastComment = nil
  }

  mutating func commentCame(at now: Duration) {
    if let lastComment {
      // Two comments of one chunk are no interval; the longest seen is the one to wait for.
      heartbeat = max(heartbeat ?? .zero, now - lastComment)
    }
    lastComment = now
  }

  /// How much silence is too much; nil if none is.
  var limit: Duration? {
    switch timeout {
    case .automatic: heartbeat.map { max($0 * 3, Self.shortestAutomatic) }
    case .after(let limit): limit
    case .never: nil
    }
  }
}
