internal import CMicrohttpd
internal import Glibc
internal import IOQueue
internal import Synchronization

/// libmicrohttpd on the server's queue, from its start to its end: every call of it and by it happens there.
// Sendable: the stored variables are touched on `queue` alone; the counts are atomic, the rest constant.
final class Daemon: @unchecked Sendable {
  let queue: IOQueue
  let configuration: HTTPServer.Configuration

  // Written on `queue`, read anywhere:
  let connectionCount = Atomic<Int>(0)
  let subscriberCount = Atomic<Int>(0)
  let draining = Atomic<Bool>(false)

  // On `queue`:
  enum Phase {
    case idle, running
    /// Streams end, in a spread; other requests are still answered.
    case draining
    /// No new connection; those that are left end with their response.
    case closing
    case stopped
  }
  var phase = Phase.idle
  private(set) var onAccess: (@Sendable (AccessRecord) -> Void)?
  private(set) var handler: @Sendable (HTTPRequest) -> HTTPResponse = { _ in HTTPResponse(status: 503) }
  var handle: OpaquePointer?
  var pump: Pump?
  private(set) var connections = ConnectionTable()
  let counters = Counters()
  /// Where chunks are put together, one at a time.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)
  /// Subscribers with something to send.
  private var due: [Subscriber] = []
  /// Of the bodies of all requests that are being read.
  var bodyBytes = 0
  lazy var heartbeat = IOTimer(on: queue) { [unowned self] in beat() }
  lazy var shutdown = Shutdown(of: self)

  /// No new stream begins.
  var isDraining: Bool { phase != .idle && phase != .running }
  /// Connections end with their response.
  var isClosing: Bool { phase == .closing || phase == .stopped }

  init(_ configuration: HTTPServer.Configuration, on queue: IOQueue) {
    self.configuration = configuration
    self.queue = queue
  }

  deinit { scratch.deallocate() }

  // MARK: The start

  /// Throws if it is too late to start, and traps if it was done before.
  func checkIsStartable() throws(ServerError) {
    queue.assertCurrent()
    precondition(phase != .running, "start() of a server that runs")
    if phase != .idle { throw .stopped }
  }

  /// Takes the listener over, and closes it if it throws.
  func start(
    _ listener: Listener, onAccess: (@Sendable (AccessRecord) -> Void)?,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(ServerError) {
    do {
      try checkIsStartable()
    } catch {
      listener.close()
      throw error
    }
    connections.limit = min(configuration.maxConnections, Self.connectionsByDescriptors())
    guard let handle = startMicrohttpd(listener.descriptor) else {
      // Where it can fail, at its own epoll set, it leaves the listener open.
      listener.close()
      throw .cannotStart(reason: "libmicrohttpd has no memory or descriptors left")
    }
    self.onAccess = onAccess
    self.handler = handler
    self.handle = handle
    phase = .running
    // The queue keeps the pump, and the pump this daemon, until `Shutdown.finish`: whether or not anybody keeps the server.
    pump = Pump(handle, on: queue) { [self] in
      if phase == .closing && connections.all.isEmpty { shutdown.finish() }
    }
    pump?.run()
  }

  private func startMicrohttpd(_ listener: Int32) -> OpaquePointer? {
    let context = Unmanaged.passUnretained(self).toOpaque()
    // At its own limit libmicrohttpd stops to accept, and clients wait for nothing: it has to stay above ours, so that
    // there is room to say 503.
    let limit = connections.limit + max(64, connections.limit / 8)
    var options = [
      sse_mhd_option_int(.LISTEN_SOCKET, Int(listener)),
      sse_mhd_option_int(.CONNECTION_LIMIT, limit),
      sse_mhd_option_int(.CONNECTION_MEMORY_LIMIT, configuration.requestMemory),
      sse_mhd_option_connection(connectionChanged, context),
      sse_mhd_option_target(requestBegan, context),
      sse_mhd_option_completed(requestEnded, context),
      sse_mhd_option_end(),
    ]
    return sse_mhd_start(
      MHD_USE_EPOLL.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue, handleRequest, context, &options)
  }

  /// Connections that fit into the process's descriptors, with some left over for everything else.
  private static func connectionsByDescriptors() -> Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let descriptors = Int(clamping: min(limit.rlim_cur, 1 << 24))
    return max(16, descriptors - max(128, descriptors / 4))
  }

  /// Lets go of what the closures hold: often the server itself.
  func forgetClosures() {
    onAccess = nil
    handler = { _ in HTTPResponse(status: 503) }
  }

  // MARK: Connections

  func insert(_ connection: HTTPConnection) {
    connections.insert(connection)
    connectionCount.store(connections.all.count, ordering: .relaxed)
  }

  func remove(_ connection: HTTPConnection) {
    connections.remove(connection)
    connectionCount.store(connections.all.count, ordering: .relaxed)
  }

  /// Takes one of the places for connections that are served, if there is one.
  func admit() -> Bool { connections.admit() }

  func release() { connections.release() }

  /// Has resumed connections looked after once the queue has done what it does now.
  func setNeedsPump() { pump?.setNeedsRun() }

  // MARK: Subscribers

  /// Has the subscriber flushed once the queue has done what it does now.
  func setNeedsFlush(_ subscriber: Subscriber) {
    due.append(subscriber)
    guard due.count == 1 else { return }
    queue.perform { [self] in
      let flushed = due
      due = []
      for subscriber in flushed { subscriber.flush() }
    }
  }

  func subscribersChanged() {
    subscriberCount.store(counters.subscribers, ordering: .relaxed)
    guard counters.subscribers > 0, !heartbeat.isScheduled, configuration.heartbeat > .zero else { return }
    heartbeat.schedule(after: configuration.heartbeat)
  }

  private func beat() {
    guard counters.subscribers > 0 else { return }
    for connection in connections.all { connection.beat() }
    heartbeat.schedule(after: configuration.heartbeat)
  }

  /// How things are.
  func figures() -> ServerFigures {
    ServerFigures(
      counters, connections: connections.all.count,
      largestLag: connections.all.reduce(0) { max($0, $1.lag) })
  }
}
