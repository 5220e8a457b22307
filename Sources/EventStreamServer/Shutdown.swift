internal import CMicrohttpd
internal import Glibc
internal import IOQueue
internal import Synchronization

/// The end of a shard: a drain that lets its streams go in a spread, then the listener, then what is left.
///
/// Lives on the shard's queue.
final class Shutdown {
  private unowned let shard: Shard
  private var completions: [@Sendable () -> Void] = []
  private var end = UInt64.max
  private lazy var grace = IOTimer(on: shard.queue) { [unowned self] in endGrace() }

  // The drain:
  private var drainEnd: UInt64 = 0
  private var spread: Duration = .zero
  private var total = 0
  /// How many streams the whole server still has.
  private var remaining: @Sendable () -> Int = { 0 }
  /// How far clients' return is spread.
  private var window: Duration = .zero
  private lazy var tick = IOTimer(on: shard.queue) { [unowned self] in drainSome() }
  private static let interval: Duration = .milliseconds(10)

  init(of shard: Shard) { self.shard = shard }

  /// Calls `completion` once, when it is over.
  ///
  /// - Parameters:
  ///   - window: how far clients' return is to be spread; nil ends all streams at once.
  ///   - remaining: how many streams the whole server still has.
  func begin(
    within time: Duration, window: Duration?, remaining: @escaping @Sendable () -> Int,
    _ completion: @escaping @Sendable () -> Void
  ) {
    shard.queue.assertCurrent()
    switch shard.phase {
    case .idle:
      shard.phase = .stopped
      shard.queue.close()
      completion()
    case .running:
      self.remaining = remaining
      completions.append(completion)
      // What has arrived is still answered.
      shard.acceptor?.acceptAll()
      shard.pump?.run()
      shard.phase = .draining
      shortenGrace(to: time)
      drain(within: time, window: window)
    case .draining, .closing:
      completions.append(completion)
      shortenGrace(to: time)
      if shard.phase == .draining, window == nil { closeListener() }
    case .stopped:
      completion()
    }
  }

  // MARK: Streams

  private func drain(within time: Duration, window: Duration?) {
    guard let window else { return closeListener() }
    self.window = window
    let streams = shard.counters.subscribers.load(ordering: .relaxed)
    // The last ones need time to read what they get.
    spread = min(window, time * 0.7)
    total = streams
    drainEnd = Monotonic.now &+ spread.nanoseconds
    drainSome()
  }

  /// Lets go of as many as are due by now: each with a time after which to come back that is its own, and not before
  /// this server has made room for the next one.
  private func drainSome() {
    let now = Monotonic.now
    let rest = Duration.nanoseconds(Int64(drainEnd > now ? drainEnd - now : 0))
    let streams = shard.connections.all.filter(\.isStreaming)
    let staying = rest > .zero ? Int(Double(total) * (rest / spread)) : 0
    for connection in streams.prefix(max(0, streams.count - staying)) {
      connection.drain(comingBackAfter: rest + window * Double.random(in: 0..<1))
    }
    shard.pump?.run()
    // Other requests are answered as long as any shard has streams to let go: the system would still send some of them
    // here.
    if rest == .zero || remaining() == 0 { closeListener() } else { tick.schedule(after: Self.interval) }
  }

  // MARK: The rest

  private func closeListener() {
    tick.cancel()
    // What has arrived is still answered.
    shard.acceptor?.acceptAll()
    shard.pump?.run()
    shard.phase = .closing
    shard.acceptor?.close()
    for connection in shard.connections.all { connection.drain() }
    shard.pump?.run()
  }

  private func shortenGrace(to time: Duration) {
    let end = Monotonic.now &+ time.nanoseconds
    guard end < self.end else { return }
    self.end = end
    grace.schedule(after: time)
  }

  private func endGrace() {
    // Within a run of the pump the last connection may end, and with it all that keeps the shard.
    let shard = shard
    defer { withExtendedLifetime(shard) {} }
    if shard.phase == .draining { closeListener() }
    // Whoever takes the end of its stream gets it, however short the time.
    shard.audience.flushAll()
    for connection in shard.connections.all { connection.cut() }
    shard.pump?.run()
    finish()
  }

  /// "It is an API violation to call MHD_stop_daemon while having suspended connections", and it aborts the process.
  /// There is none: every subscriber was woken, and in the end none goes to sleep.
  func finish() {
    guard shard.phase == .closing, let handle = shard.handle else { return }
    shard.phase = .stopped
    shard.pump?.stop()
    shard.pump = nil
    shard.acceptor = nil
    shard.heartbeat.cancel()
    shard.deadlines.cancel()
    grace.cancel()
    tick.cancel()
    MHD_stop_daemon(handle)
    shard.handle = nil
    shard.forgetClosures()
    remaining = { 0 }
    shard.queue.close()
    let completions = completions
    self.completions = []
    for completion in completions { completion() }
  }

  /// Another shard could not start: as if this one had not either. Whoever has come already is cut.
  func undoStart() {
    guard let handle = shard.handle else { return }
    // The server was stopped meanwhile.
    if shard.phase != .running { return endGrace() }
    // A request that is there already begins no stream, which would be suspended: see `finish`.
    shard.phase = .draining
    shard.acceptor?.close()
    for connection in shard.connections.all { connection.cut() }
    shard.pump?.run()
    shard.phase = .idle
    shard.acceptor = nil
    shard.pump?.stop()
    shard.pump = nil
    MHD_stop_daemon(handle)
    shard.handle = nil
    shard.forgetClosures()
  }
}
