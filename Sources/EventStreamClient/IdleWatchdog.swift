/// How long an open stream may be silent before it is taken for dead.
public enum IdleTimeout: Sendable, Hashable {
  /// Learns from the stream: once it has carried comments at an interval (heartbeats), three times that, at least
  /// 45 seconds, and at least twice as long each time that has passed until there is a heartbeat again. A stream without
  /// heartbeats may be silent for ever.
  case automatic
  /// So long, from the first byte on.
  case after(Duration)
  /// For ever.
  case never
}

/// Judges silence. It counts bytes and not events: a stream that only carries heartbeats is alive.
struct IdleWatchdog {
  private let timeout: IdleTimeout
  private var lastByte: Duration = .zero
  /// What the last byte has ended.
  private var silence: Duration = .zero
  /// The last byte after which the stream was found silent for too long.
  private var suspected: Duration?
  private var lastComment: Duration?
  // Heartbeats come at their interval whatever else comes, or after so much silence. It is neither shorter than the longest
  // silence that a comment has ended nor, in both cases, longer than the shortest time between two.
  private var longestSilence: Duration = .zero
  private var shortestTime: Duration?
  /// How often it has found the stream dead since a heartbeat. What was taken for two may have been a greeting, on each
  /// connection again, and the heartbeats' interval longer than the shortest limit.
  private var doubts = 0

  private static let shortestAutomatic: Duration = .seconds(45)
  private static let shortestInterval: Duration = .seconds(1)
  private static let look: Duration = .milliseconds(5)

  init(_ timeout: IdleTimeout) {
    self.timeout = timeout
  }

  /// A connection has been opened; what was learned of the last one's heartbeats still holds for this one.
  mutating func opened(at now: Duration) {
    lastComment = nil
    lastByte = now
  }

  /// The time of a byte may be that of a turn of the queue, and older than what came in between.
  mutating func byteCame(at now: Duration) {
    silence = max(now - lastByte, .zero)
    lastByte += silence
  }

  /// The reader goes on: the silence till now was his.
  mutating func resumed(at now: Duration) {
    byteCame(at: now)
    lastComment = nil
  }

  /// With the last byte.
  mutating func commentCame() {
    // After more than is waited for the process had been stopped.
    if limit.map({ silence < $0 }) ?? true { longestSilence = max(longestSilence, silence) }
    if silence * 4 >= Self.shortestAutomatic { doubts = 0 }
    // Comments in close succession are a greeting.
    if let lastComment, lastByte - lastComment >= Self.shortestInterval {
      let time = lastByte - lastComment
      shortestTime = shortestTime.map { min($0, time) } ?? time
    }
    lastComment = lastByte
  }

  enum Verdict: Equatable {
    /// To be judged again after that time; nil for never, as far as is known.
    case fine(Duration?)
    /// The process may have been held up, and the bytes wait in the socket: the queue is to look there first.
    case suspect(Duration)
    case dead
  }

  /// - Parameter isPaused: by who reads it, and silent for that.
  mutating func judge(at now: Duration, isPaused: Bool) -> Verdict {
    guard let limit else { return .fine(nil) }
    let silence = isPaused ? .zero : now - lastByte
    guard silence >= limit else { return .fine(limit - silence) }
    guard suspected == lastByte else {
      suspected = lastByte
      return .suspect(Self.look)
    }
    doubts += 1
    return .dead
  }

  /// How much silence is too much; nil if none is.
  var limit: Duration? {
    switch timeout {
    case .automatic:
      shortestTime.map { max(max($0, longestSilence) * 3, Self.shortestAutomatic * (1 << min(doubts, 8))) }
    case .after(let limit): limit
    case .never: nil
    }
  }
}
