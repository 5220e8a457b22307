internal import CMicrohttpd
internal import Glibc
internal import IOQueue
internal import Synchronization

/// The end of a daemon: a drain that lets its streams go in a spread, then the listener, then what is left.
///
/// Lives on the server's queue.
final class Shutdown {
  private unowned let daemon: Daemon
  private var completions: [@Sendable () -> Void] = []
  private var end = UInt64.max
  private lazy var grace = IOTimer(on: daemon.queue) { [unowned self] in endGrace() }

  // The drain:
  private var drainEnd: UInt64 = 0
  private var spread: Duration = .zero
  private var total = 0
  /// How far clients' return is spread.
  private var window: Duration = .zero
  private lazy var tick = IOTimer(on: daemon.queue) { [unowned self] in drainSome() }
  private static let interval: Duration = .milliseconds(10)

  init(of daemon: Daemon) { self.daemon = daemon }

  /// Calls `completion` once, when it is over.
  ///
  /// - Parameter rate: how many streams end in a second; nil for all at once.
  func begin(within time: Duration, rate: Double?, _ completion: @escaping @Sendable () -> Void) {
    daemon.queue.assertCurrent()
    switch daemon.phase {
    case .idle:
      daemon.phase = .stopped
      daemon.queue.close()
      completion()
    case .running:
      completions.append(completion)
      // What has arrived is still answered.
      daemon.pump?.run()
      daemon.phase = .draining
      daemon.draining.store(true, ordering: .relaxed)
      shortenGrace(to: time)
      drain(within: time, rate: rate)
    case .draining, .closing:
      completions.append(completion)
      shortenGrace(to: time)
    case .stopped:
      completion()
    }
  }

  // MARK: Streams

  private func drain(within time: Duration, rate: Double?) {
    let streams = daemon.counters.subscribers
    guard let rate, rate > 0, streams > 1 else { return closeListener() }
    window = .seconds(min(Double(streams) / rate, 3600))
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
    let streams = daemon.connections.all.filter(\.isStreaming)
    let staying = rest > .zero ? Int(Double(total) * (rest / spread)) : 0
    for connection in streams.prefix(max(0, streams.count - staying)) {
      connection.drain(comingBackAfter: rest + window * Double.random(in: 0..<1))
    }
    daemon.pump?.run()
    if staying == 0 || streams.isEmpty { closeListener() } else { tick.schedule(after: Self.interval) }
  }

  // MARK: The rest

  private func closeListener() {
    daemon.phase = .closing
    let listener = MHD_quiesce_daemon(daemon.handle)
    // "Note that the caller is responsible for closing the returned socket."
    if listener >= 0 { close(listener) }
    for connection in daemon.connections.all { connection.drain() }
    daemon.pump?.run()
  }

  private func shortenGrace(to time: Duration) {
    let end = Monotonic.now &+ time.nanoseconds
    guard end < self.end else { return }
    self.end = end
    grace.schedule(after: time)
  }

  private func endGrace() {
    if daemon.phase == .draining { closeListener() }
    for connection in daemon.connections.all { connection.cut() }
    daemon.pump?.run()
    finish()
  }

  /// "It is an API violation to call MHD_stop_daemon while having suspended connections", and it aborts the process.
  /// There is none: every subscriber was woken, and in the end none goes to sleep.
  func finish() {
    guard daemon.phase == .closing, let handle = daemon.handle else { return }
    daemon.phase = .stopped
    daemon.pump?.stop()
    daemon.pump = nil
    daemon.heartbeat.cancel()
    grace.cancel()
    tick.cancel()
    MHD_stop_daemon(handle)
    daemon.handle = nil
    daemon.forgetClosures()
    daemon.queue.close()
    let completions = completions
    self.completions = []
    for completion in completions { completion() }
  }
}
