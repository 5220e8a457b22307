internal import Dispatch
package import IOQueue
internal import Synchronization

/// An HTTP server for event streams, with every connection on one queue of its own.
///
/// ```swift
/// let server = try HTTPServer(.init(port: 8000))
/// let channel = server.makeChannel()
/// try server.start { request in
///   request.path == "/events" ? .events(channel) : HTTPResponse(status: 404)
/// }
/// channel.publish("hello")
/// await server.stop(within: .seconds(5))
/// ```
///
/// Everything here may be called from any thread. A server that was started runs until `stop`, whether or not anybody
/// keeps a reference to it. The process has to ignore SIGPIPE (`signal(SIGPIPE, SIG_IGN)`), as every server process
/// does: a library must not decide that for its program.
public final class HTTPServer: Sendable {
  /// The queue that the handler runs on and that channels live on.
  package let queue: IOQueue
  private let daemon: Daemon

  /// Throws if the process has no descriptor left.
  public init(_ configuration: Configuration = Configuration()) throws(ServerError) {
    do {
      queue = try IOQueue(label: "EventStreamServer")
    } catch {
      throw .cannotStart(reason: error.description)
    }
    daemon = Daemon(configuration, on: queue)
  }

  /// Listens, and returns the address with the port that it got. Blocks while the host name is resolved.
  ///
  /// Throws `.stopped` after `stop`, and what went wrong otherwise, in which case it may be tried again. Starting a
  /// server that runs is a mistake, and traps.
  ///
  /// - Parameters:
  ///   - onAccess: told of each answered request, on the server's queue. Requests that libmicrohttpd refuses by itself
  ///     (a head that is too large, or that is not HTTP) are not among them.
  ///   - handler: makes the response to a request, on the server's queue: everything else waits for it, so it has to
  ///     return quickly. Not called any more once `stop` has ended.
  @discardableResult
  public func start(
    onAccess: (@Sendable (AccessRecord) -> Void)? = nil, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(ServerError) -> SocketAddress {
    precondition(!queue.isCurrent, "start() on the server's own queue would wait for itself")
    try onQueue { () throws(ServerError) in try daemon.checkIsStartable() }
    let listener = try Listener(daemon.configuration)
    try onQueue { () throws(ServerError) in try daemon.start(listener, onAccess: onAccess, handler: handler) }
    return listener.address
  }

  private func onQueue(_ work: () throws(ServerError) -> Void) throws(ServerError) {
    let result = queue.queue.sync { () -> Result<Void, ServerError> in
      do throws(ServerError) { return .success(try work()) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Ends the server: no new streams, and every stream gets what is left of its channel and its proper end.
  ///
  /// Returns when the last connection is gone. After `grace` those that are left, whose clients do not read, are cut.
  /// A second call waits for the same end, which comes at the earlier of both times.
  ///
  /// - Parameter rate: how many clients a second may come back. Without it all streams end at once. With it they end one
  ///   after the other, each with a reconnection time of its own; meanwhile other requests are answered, and new streams
  ///   refused with 503 and Retry-After.
  public func stop(within grace: Duration = .seconds(5), reconnectionRate rate: Double? = nil) async {
    await withCheckedContinuation { continuation in
      queue.perform { self.daemon.shutdown.begin(within: grace, rate: rate) { continuation.resume() } }
    }
  }

  /// The same for code that is not asynchronous: blocks the calling thread, which must not be the server's queue.
  @available(*, noasync)
  public func stop(within grace: Duration = .seconds(5), reconnectionRate rate: Double? = nil) {
    precondition(!queue.isCurrent, "stop() on the server's own queue would wait for itself")
    let isOver = DispatchSemaphore(value: 0)
    queue.perform { self.daemon.shutdown.begin(within: grace, rate: rate) { isOver.signal() } }
    isOver.wait()
  }

  /// Whether `stop` was called; exact in a handler.
  public var isDraining: Bool { daemon.draining.load(ordering: .relaxed) }

  /// A hub whose events this server can stream. Before `start` as well as after it.
  ///
  /// - Parameters:
  ///   - history: what subscribers who come back can still get.
  ///   - epoch: the first part of the event ids. Drawn at random, so that an id of another life is known for one.
  public func makeHub(history: EventHub.History = EventHub.History(), epoch: String? = nil) -> EventHub {
    EventHub(on: queue, history: history, epoch: epoch, counters: daemon.counters)
  }

  /// A channel by itself, as of a hub that has no other.
  public func makeChannel(
    history: EventHub.History = EventHub.History(events: 256, bytes: 262_144, eventsPerChannel: 256),
    epoch: String? = nil
  ) -> EventChannel {
    makeHub(history: history, epoch: epoch).makeChannel()
  }

  /// Open connections, of subscribers and others; may be old by the time you read it.
  public var connectionCount: Int { daemon.connectionCount.load(ordering: .relaxed) }

  /// Open streams; may be old by the time you read it.
  public var subscriberCount: Int { daemon.subscriberCount.load(ordering: .relaxed) }

  /// What the server has done. To be called on its queue, so in a handler.
  package func figures() -> ServerFigures {
    queue.assertCurrent()
    return daemon.figures()
  }
}
