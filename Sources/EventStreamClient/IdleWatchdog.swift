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
  private static let shortestInterval: Duration = .seconds(1)

  init(_ timeout: IdleTimeout) {
    self.timeout = timeout
  }

  /// A connection has been opened; what was learned of the last one's heartbeats still holds for this one.
  mutating func opened() {
    lastComment = nil
  }

  mutating func commentCame(at now: Duration) {
    // Comments in close succession are a greeting; of intervals, the longest seen is the one to wait for.
    if let lastComment, now - lastComment >= Self.shortestInterval {
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
