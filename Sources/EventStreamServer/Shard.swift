internal import CMicrohttpd
internal import Glibc
internal import IOQueue
internal import Synchronization

/// One of a server's equal parts: libmicrohttpd with its own listener on a queue of its own, from its start to its end.
/// The kernel spreads connections over the shards; what one of them accepts stays there.
///
/// Lives on its queue: every call of libmicrohttpd and by it happens there.
// Sendable: the stored variables are touched on `queue` alone; the rest is constant and safe to share.
final class Shard: @unchecked Sendable {
  /// Its place among the server's.
  let number: Int
  let queue: IOQueue
  let server: ServerState
  let audience: Audience
  let counters = Counters()

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
  private(set) var screen: @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil }
  private(set) var handler: @Sendable (HTTPRequest) -> HTTPResponse = { _ in HTTPResponse(status: 503) }
  var handle: OpaquePointer?
  var pump: Pump?
  var acceptor: Acceptor?
  private(set) var connections = ConnectionTable()
  var streamHead = StreamHead()
  /// Where chunks are put together, one at a time.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)
  private(set) lazy var deadlines = Deadlines(of: self)
  lazy var heartbeat = IOTimer(on: queue) { [unowned self] in beat() }
  lazy var shutdown = Shutdown(of: self)

  /// No new stream begins.
  var isDraining: Bool { phase != .idle && phase != .running }
  /// Connections end with their response.
  var isClosing: Bool { phase == .closing || phase == .stopped }
  var configuration: HTTPServer.Configuration { server.configuration }
  /// Every byte has to go through libmicrohttpd.
  var isSecure: Bool { configuration.tls != nil }

  init(_ number: Int, of server: ServerState) throws(IOError) {
    self.number = number
    self.server = server
    queue = try IOQueue(label: "EventStreamServer \(number)")
    audience = Audience(shard: number, on: queue, counters: counters)
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
    screen: @escaping @Sendable (HTTPRequest) -> HTTPResponse?,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(ServerError) {
    do {
      try checkIsStartable()
    } catch {
      listener.close()
      throw error
    }
    guard let handle = startMicrohttpd() else {
      listener.close()
      throw .cannotStart(reason: "libmicrohttpd has no memory or descriptors left")
    }
    self.onAccess = onAccess
    self.screen = screen
    self.handler = handler
    self.handle = handle
    phase = .running
    // The queue keeps the pump, and the pump this shard, until `Shutdown.finish`: whether or not anybody keeps the server.
    pump = Pump(handle, on: queue) { [self] in
      if phase == .closing && connections.isEmpty { shutdown.finish() }
    }
    acceptor = Acceptor(listener, for: handle, of: self)
    pump?.run()
  }

  private func startMicrohttpd() -> OpaquePointer? {
    let context = Unmanaged.passUnretained(self).toOpaque()
    var options = [
      // Beyond it, it closes connections without a word.
      sse_mhd_option_int(.CONNECTION_LIMIT, server.places + Acceptor.batch * server.shards),
      sse_mhd_option_int(.CONNECTION_MEMORY_LIMIT, configuration.requestMemory),
      sse_mhd_option_connection(connectionChanged, context),
      sse_mhd_option_target(requestBegan, context),
      sse_mhd_option_completed(requestEnded, context),
    ]
    if !RequestHeadLayout.isKnown {
      // The same as 1 for MHD_OPTION_CLIENT_DISCIPLINE_LVL, which the headers of 0.9.75 lack: "more strict protocol
      // interpretation, within the limits set by RFCs for HTTP servers" (microhttpd.h of 1.0).
      options.append(sse_mhd_option_int(.STRICT_FOR_CLIENT, 1))
    }
    if isSecure {
      options += [
        sse_mhd_option_pointer(
          .HTTPS_CERT_CALLBACK2, unsafeBitCast(certificateWanted, to: UnsafeRawPointer.self)),
        sse_mhd_option_pointer(.HTTPS_PRIORITIES, Self.priorities.utf8Start),
      ]
    }
    options.append(sse_mhd_option_end())
    // Turbo: a connection is read at once when it is taken, and closed without shutdown(2), which would end a stream
    // that goes on on a duplicate of its descriptor. With TLS no stream does, and an end without close_notify is one that
    // anybody may have brought about (RFC 8446, 6.1).
    let mode = isSecure ? MHD_USE_TLS : MHD_USE_TURBO
    return sse_mhd_start(
      MHD_USE_EPOLL.rawValue | MHD_USE_NO_LISTEN_SOCKET.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue | mode.rawValue,
      handleRequest, context, &options)
  }

  /// In GnuTLS's terms. The versions that are left out are not to be used any more (RFC 8996).
  private static let priorities: StaticString = "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"

  /// Lets go of what the closures hold: often the server itself.
  func forgetClosures() {
    onAccess = nil
    screen = { _ in nil }
    handler = { _ in HTTPResponse(status: 503) }
  }

  // MARK: Connections

  func insert(_ connection: any OpenConnection) {
    connections.insert(connection)
    server.connections.wrappingAdd(1, ordering: .relaxed)
    counters.connections.store(connections.count, ordering: .relaxed)
  }

  func remove(_ connection: any OpenConnection) {
    connections.remove(connection)
    server.connections.wrappingSubtract(1, ordering: .relaxed)
    counters.connections.store(connections.count, ordering: .relaxed)
    // The last one may have been what the end waits for.
    if isClosing && connections.isEmpty { setNeedsPump() }
  }

  /// A stream goes on without the connection of libmicrohttpd that it began on.
  func replace(_ connection: any OpenConnection, by other: any OpenConnection) {
    connections.remove(connection)
    connections.insert(other)
  }

  /// Has resumed connections looked after once the queue has done what it does now.
  func setNeedsPump() { pump?.setNeedsRun() }

  // MARK: Subscribers

  func subscriberCame() {
    counters.subscribers.wrappingAdd(1, ordering: .relaxed)
    guard !heartbeat.isScheduled, configuration.heartbeat > .zero else { return }
    heartbeat.schedule(after: configuration.heartbeat / Self.beats)
  }

  func subscriberLeft() { counters.subscribers.wrappingSubtract(1, ordering: .relaxed) }

  /// Parts of the heartbeat's interval: subscribers get it in the part in which they came, for all at once would hold up
  /// every event.
  private static let beats = 16
  private(set) var latestBeat = 0

  private func beat() {
    guard counters.subscribers.load(ordering: .relaxed) > 0 else { return }
    latestBeat = (latestBeat + 1) % Self.beats
    for connection in connections.all { connection.beat(latestBeat) }
    heartbeat.schedule(after: configuration.heartbeat / Self.beats)
  }
}
