internal import CMicrohttpd
internal import Glibc
internal import IOQueue
internal import Synchronization

/// libmicrohttpd on the server's queue: its own epoll descriptor is one of those that the queue waits for, and every
/// call of it and by it happens there.
// Sendable: the stored variables are touched on `queue` alone; `connectionCount` is atomic, the rest constant.
final class Daemon: IOHandler, @unchecked Sendable {
  let queue: IOQueue
  let configuration: HTTPServer.Configuration
  let onAccess: (@Sendable (AccessRecord) -> Void)?
  let handler: @Sendable (HTTPRequest) -> HTTPResponse
  /// Written on `queue`, read anywhere.
  let connectionCount = Atomic<Int>(0)

  // On `queue`:
  private enum Phase { case idle, running, draining, stopped }
  private var phase = Phase.idle
  private var handle: OpaquePointer?
  private var connections: [HTTPConnection] = []
  private var limit = 0
  private var admitted = 0
  private var subscribers = 0
  private lazy var heartbeat = IOTimer(on: queue) { [unowned self] in beat() }

  // The pump:
  private var isPumping = false
  private var pumpIsDue = false
  private var pumpIsScheduled = false
  private lazy var timeout = IOTimer(on: queue) { [unowned self] in pump() }

  // The end:
  private var whenStopped: [@Sendable () -> Void] = []
  private lazy var grace = IOTimer(on: queue) { [unowned self] in endGrace() }
  private var graceEnd = UInt64.max

  /// Nobody may be suspended any more.
  var isDraining: Bool { phase == .draining || phase == .stopped }

  init(
    _ configuration: HTTPServer.Configuration, on queue: IOQueue, onAccess: (@Sendable (AccessRecord) -> Void)?,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) {
    self.configuration = configuration
    self.queue = queue
    self.onAccess = onAccess
    self.handler = handler
  }

  /// Takes the listener over, and closes it if it throws.
  func start(_ listener: Listener) throws(ServerError) {
    queue.assertCurrent()
    guard phase == .idle else {
      listener.close()
      precondition(phase == .stopped || phase == .draining, "start() of a server that runs")
      throw .stopped
    }
    limit = min(configuration.maxConnections, Self.connectionsByDescriptors())
    guard let handle = startMicrohttpd(listener.descriptor) else {
      // Where it can fail, at its own epoll set, it leaves the listener open.
      listener.close()
      throw .cannotStart(reason: "libmicrohttpd refuses: memory or descriptors are short")
    }
    self.handle = handle
    phase = .running
    queue.watch(sse_mhd_epoll_fd(handle), for: .readable, self)
    pump()
  }

  private func startMicrohttpd(_ listener: Int32) -> OpaquePointer? {
    let context = Unmanaged.passUnretained(self).toOpaque()
    // At its own limit libmicrohttpd stops to accept, and clients wait for nothing: it has to stay above ours, so that
    // there is room to say 503.
    let limit = limit + max(64, limit / 8)
    var options = [
      sse_mhd_option_int(.LISTEN_SOCKET, Int(listener)),
      sse_mhd_option_int(.CONNECTION_LIMIT, limit),
      sse_mhd_option_int(.CONNECTION_MEMORY_LIMIT, configuration.requestMemory),
      sse_mhd_option_connection(connectionChanged, context),
      sse_mhd_option_target(requestBegan, context),
      sse_mhd_option_completed(requestEnded, context),
      sse_mhd_option_end(),
    ]
    let flags = MHD_USE_EPOLL.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
    return sse_mhd_start(flags, handleRequest, context, &options)
  }

  /// Connections that fit into the process's descriptors, with some left over for everything else.
  private static func connectionsByDescriptors() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return Int.max / 2 }
    let descriptors = Int(clamping: limit.rlim_cur)
    return min(max(16, descriptors - max(128, descriptors / 8)), Int.max / 2)
  }

  // MARK: The pump

  func ready(_ descriptor: Int32, _ events: IOEvents) { pump() }

  /// Has the pump run after what the queue does now: several events published in one turn cost one pass.
  func setNeedsPump() {
    pumpIsDue = true
    guard !isPumping, !pumpIsScheduled else { return }
    pumpIsScheduled = true
    queue.perform {
      self.pumpIsScheduled = false
      if self.pumpIsDue { self.pump() }
    }
  }

  /// Turns of libmicrohttpd before others on the queue have theirs.
  private static let turns = 32

  private func pump() {
    queue.assertCurrent()
    guard let handle, !isPumping else { return }
    isPumping = true
    var turn = 0
    var hasTimeout = false
    var milliseconds: UInt64 = 0
    repeat {
      pumpIsDue = false
      MHD_run(handle)
      // Its timeout of 0 says that it has more to do at once; of a connection that was resumed meanwhile it does not
      // know yet.
      hasTimeout = MHD_get_timeout(handle, &milliseconds) == .YES
      if hasTimeout && milliseconds == 0 { pumpIsDue = true }
      turn += 1
    } while pumpIsDue && turn < Self.turns
    isPumping = false
    if pumpIsDue {
      setNeedsPump()
    } else if hasTimeout {
      timeout.schedule(after: .milliseconds(Int64(clamping: milliseconds)))
    }
    if phase == .draining && connections.isEmpty { finish() }
  }

  // MARK: Connections

  func insert(_ connection: HTTPConnection) {
    connection.place = connections.count
    connections.append(connection)
    connectionCount.store(connections.count, ordering: .relaxed)
  }

  func remove(_ connection: HTTPConnection) {
    let last = connections.removeLast()
    if last !== connection {
      connections[connection.place] = last
      last.place = connection.place
    }
    connectionCount.store(connections.count, ordering: .relaxed)
  }

  /// Takes one of the places for connections that are served, if there is one.
  func admit() -> Bool {
    guard admitted < limit else { return false }
    admitted += 1
    return true
  }

  func release() { admitted -= 1 }

  // MARK: Heartbeat

  func subscribed() {
    subscribers += 1
    if !heartbeat.isScheduled, configuration.heartbeat > .zero { heartbeat.schedule(after: configuration.heartbeat) }
  }

  func unsubscribe(_ subscriber: Subscriber) {
    subscribers -= 1
    subscriber.end()
  }

  private func beat() {
    guard subscribers > 0 else { return }
    for connection in connections { connection.beat() }
    heartbeat.schedule(after: configuration.heartbeat)
  }

  // MARK: The end

  func stop(within time: Duration, _ completion: @escaping @Sendable () -> Void) {
    queue.assertCurrent()
    switch phase {
    case .idle:
      phase = .stopped
      queue.close()
      completion()
    case .running:
      whenStopped.append(completion)
      // What has arrived is still answered.
      pump()
      phase = .draining
      quiesce()
      shortenGrace(to: time)
      for connection in connections { connection.drain() }
      pump()
    case .draining:
      whenStopped.append(completion)
      shortenGrace(to: time)
    case .stopped:
      completion()
    }
  }

  /// "Note that the caller is responsible for closing the listen socket" (MHD_quiesce_daemon).
  private func quiesce() {
    let listener = MHD_quiesce_daemon(handle)
    if listener >= 0 { close(listener) }
  }

  private func shortenGrace(to time: Duration) {
    let end = Monotonic.now &+ time.nanoseconds
    guard end < graceEnd else { return }
    graceEnd = end
    grace.schedule(after: time)
  }

  private func endGrace() {
    for connection in connections { connection.cut() }
    pump()
    finish()
  }

  /// Nobody is suspended any more: every subscriber was woken, and none sleeps in a drain. That has to be so, since
  /// MHD_stop_daemon aborts the process at a suspended connection.
  private func finish() {
    guard phase == .draining, let handle else { return }
    phase = .stopped
    queue.unwatch(sse_mhd_epoll_fd(handle))
    for timer in [heartbeat, timeout, grace] { timer.cancel() }
    MHD_stop_daemon(handle)
    self.handle = nil
    queue.close()
    let completions = whenStopped
    whenStopped = []
    for completion in completions { completion() }
  }
}
