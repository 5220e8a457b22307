/// Applies a `ReconnectionPolicy` to what happens. Time and chance are arguments: it reads no clock and rolls no dice.
///
/// All times are counted from the same moment, whichever.
struct ReconnectionSchedule {
  enum Decision: Equatable {
    case wait(Duration)
    case giveUp(EventSourceError)
  }

  let policy: ReconnectionPolicy
  /// The reconnection time in force: the policy's, or what the server's last `retry` field said.
  private(set) var reconnectionTime: Duration
  /// Attempts since the stream was last open.
  private(set) var attempts = 0
  /// A connection has gone silent since: others that are kept, or the same one, which HTTP/2 streams share, may be as dead.
  private(set) var needsNewConnection = false

  private var failures = 0
  private var openedAt: Duration?
  private var openBroughtEvents = false
  /// When the stream was last there, or first wanted.
  private var outageSince: Duration

  init(_ policy: ReconnectionPolicy, at now: Duration) {
    self.policy = policy
    reconnectionTime = policy.reconnectionTime
    outageSince = now
  }

  /// The shortest time that a repeated failure grows from: a reconnection time of zero would never grow.
  private static let smallestBackoff: Duration = .milliseconds(100)

  /// When an attempt under way has to be over; nil for no limit.
  var deadline: Duration? {
    policy.maxOutage.flatMap { $0 == .zero ? nil : outageSince + $0 }
  }

  /// What an attempt has until then: a timer that is late, as after a stop of the process, does not take its chance away.
  static func time(from now: Duration, until deadline: Duration) -> Duration { max(deadline - now, .seconds(1)) }

  mutating func attemptBegan() {
    attempts += 1
  }

  mutating func opened(at now: Duration) {
    openedAt = now
    openBroughtEvents = false
    attempts = 0
    needsNewConnection = false
  }

  mutating func eventCame() {
    openBroughtEvents = true
  }

  /// The server's `retry` field.
  mutating func serverSet(milliseconds: UInt64) {
    let longest = policy.longestReconnectionTime
    let asked = milliseconds < UInt64(Int64.max) ? Duration.milliseconds(Int64(milliseconds)) : longest
    reconnectionTime = min(max(asked, policy.shortestReconnectionTime), longest)
  }

  /// What to do after the attempt or the open stream ended with `error`.
  ///
  /// - Parameter chance: between 0 and 1, how much of the jitter is added.
  mutating func next(after error: EventSourceError, at now: Duration, chance: Double) -> Decision {
    if let openedAt {
      if now - openedAt >= policy.goodPeriod { failures = 0 }
      outageSince = now
      self.openedAt = nil
      failures = openBroughtEvents ? max(0, failures - 1) : failures + 1
    } else {
      failures += 1
    }
    if error == .timedOut(.response) || error == .timedOut(.bytes) { needsNewConnection = true }
    guard policy.retries(error), policy.maxOutage != .zero else { return .giveUp(error) }
    if let limit = policy.maxAttempts, attempts >= limit {
      return .giveUp(limit == 1 ? error : .gaveUp(attempts: attempts, because: error))
    }
    var wait = max(reconnectionTime, min(error.retryAfter ?? .zero, policy.longestRetryAfter))
    if failures > 1 {
      // Past 2^60 there is no more to grow, and the power would overflow.
      let growth = Double(min(failures - 1, 60))
      let base = max(reconnectionTime, Self.smallestBackoff)
      wait = max(wait, min(base.scaled(by: policy.backoffFactor, toThe: growth), policy.longestBackoff))
    }
    wait += wait * (policy.jitter * chance)
    if let deadline, now + wait >= deadline {
      return .giveUp(.gaveUp(attempts: attempts, because: error))
    }
    return .wait(wait)
  }
}

extension Duration {
  fileprivate func scaled(by factor: Double, toThe power: Double) -> Duration {
    var scale = 1.0
    for _ in 0..<Int(power) where scale < 1e9 { scale *= factor }
    // A caller may hold any time to be the longest, and beyond 2^127 attoseconds multiplication traps.
    let longest = Duration.seconds(Int64.max)
    return self / longest * scale < 1 ? self * scale : longest
  }
}
