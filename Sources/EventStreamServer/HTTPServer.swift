internal import Dispatch
package import IOQueue
internal import Synchronization

/// An HTTP server for event streams, in as many shards as there are processors: each connection lives on the queue of one.
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
  private let state: ServerState
  private let shards: [Shard]

  /// Throws if the process has no descriptor left.
  public init(_ configuration: Configuration = Configuration()) throws(ServerError) {
    let state = ServerState(configuration)
    self.state = state
    do throws(IOError) {
      shards = try (0..<state.shards).map { number throws(IOError) in try Shard(number, of: state) }
    } catch {
      throw .cannotStart(reason: error.description)
    }
  }

  /// Those of the shards.
  package var queues: [IOQueue] { shards.map(\.queue) }

  /// Listens, and returns the address with the port that it got. Blocks while the host name is resolved.
  ///
  /// Throws `.stopped` after `stop`, and what went wrong otherwise, in which case it may be tried again. Starting a
  /// server that runs is a mistake, and traps.
  ///
  /// - Parameters:
  ///   - onAccess: told of each answered request, as the handler is called. What is refused before
  ///     it is a request (a head that is too large, or that is not HTTP) is not among them.
  ///   - screen: asked by the head of a request whose body is longer than 4 KiB, or of a length that is not told, and has
  ///     not been read yet. What it answers is the response, and the body is not read; `handler` is not called then. On the
  ///     same queues as the handler, and as quick.
  ///   - handler: makes the response to a request. Called on the queue of the request's shard, so on several threads at
  ///     a time; everything else on that shard waits for it, so it has to return quickly. Not called any more once `stop`
  ///     has ended.
  @discardableResult
  public func start(
    onAccess: (@Sendable (AccessRecord) -> Void)? = nil,
    screen: @escaping @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil },
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(ServerError) -> SocketAddress {
    precondition(
      !shards.contains { $0.queue.isCurrent }, "start() on one of the server's own queues would wait for itself")
    for shard in shards { try on(shard) { () throws(ServerError) in try shard.checkIsStartable() } }
    let listeners = try Listener.group(of: shards.count, state.configuration)
    for (index, shard) in shards.enumerated() {
      do throws(ServerError) {
        try on(shard) { () throws(ServerError) in
          try shard.start(listeners[index], onAccess: onAccess, screen: screen, handler: handler)
        }
      } catch {
        for listener in listeners[(index + 1)...] { listener.close() }
        for started in shards[..<index] { started.queue.sync { started.shutdown.undoStart() } }
        throw error
      }
    }
    return listeners[0].address
  }

  private func on(_ shard: Shard, _ work: @escaping () throws(ServerError) -> Void) throws(ServerError) {
    let result = shard.queue.sync { () -> Result<Void, ServerError> in
      do throws(ServerError) { return .success(try work()) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Takes another certificate for the connections that come from now on; those that are open go on as they are.
  ///
  /// To be used with a server whose configuration has a certificate: to one without it is a mistake, and traps.
  public func change(tls: TLS) {
    precondition(state.configuration.tls != nil, "a server that began without TLS goes on without it")
    state.tls.withLock { $0 = tls }
  }

  /// Ends the streams that were opened for one of them, as those whose `streamLimit` is over: properly, and a client that
  /// does not take the end is cut off soon after. Returns at once; a stream that is opened later stays open.
  public func endStreams(of owners: [StreamOwner]) {
    guard !owners.isEmpty else { return }
    let ids = Set(owners.map(ObjectIdentifier.init))
    for shard in shards {
      shard.queue.perform {
        // Till then: the number of one that is gone could be another one's.
        withExtendedLifetime(owners) { for connection in shard.connections.all { connection.end(ofOneOf: ids) } }
      }
    }
  }

  /// Ends the server: no new streams, and every stream gets what is left of its channel and its proper end.
  ///
  /// Returns when the last connection is gone. After `grace` those that are left, whose clients do not read, are cut.
  /// A second call waits for the same end, which comes at the earlier of both times.
  ///
  /// - Parameters:
  ///   - grace: how long to wait for clients that do not read.
  ///   - rate: how many clients a second may come back. Without it all streams end at once. With it they end one after
  ///     the other, each with a reconnection time of its own; meanwhile other requests are answered, and new streams
  ///     refused with 503 and Retry-After.
  public func stop(within grace: Duration = .seconds(5), reconnectionRate rate: Double? = nil) async {
    let end = beginStop(within: grace, rate)
    await withCheckedContinuation { continuation in end.notify(queue: .global()) { continuation.resume() } }
  }

  /// The same for code that is not asynchronous: blocks the calling thread, which must not be one of the server's queues.
  @available(*, noasync)
  public func stop(within grace: Duration = .seconds(5), reconnectionRate rate: Double? = nil) {
    precondition(
      !shards.contains { $0.queue.isCurrent }, "stop() on one of the server's own queues would wait for itself")
    beginStop(within: grace, rate).wait()
  }

  private func beginStop(within grace: Duration, _ rate: Double?) -> DispatchGroup {
    state.draining.store(true, ordering: .relaxed)
    let end = DispatchGroup()
    let streams = subscriberCount
    let window = rate.flatMap { $0 > 0 && streams > 1 ? Duration.seconds(min(Double(streams) / $0, 3600)) : nil }
    for shard in shards {
      end.enter()
      shard.queue.perform {
        shard.shutdown.begin(within: grace, window: window, remaining: { self.subscriberCount }) { end.leave() }
      }
    }
    return end
  }

  /// Calls `completion` when every shard has got round to it, on the queue of the last: not as long as one of them
  /// hangs.
  package func whenAllAnswer(_ completion: @escaping @Sendable () -> Void) {
    Self.hop(shards[...], completion)
  }

  private static func hop(_ shards: ArraySlice<Shard>, _ completion: @escaping @Sendable () -> Void) {
    guard let first = shards.first else { return completion() }
    first.queue.perform { hop(shards.dropFirst(), completion) }
  }

  /// Whether `stop` was called.
  public var isDraining: Bool { state.draining.load(ordering: .relaxed) }

  /// A hub whose events this server can stream. Before `start` as well as after it.
  ///
  /// - Parameters:
  ///   - history: what subscribers who come back can still get.
  ///   - epoch: the first part of the event ids. Drawn at random, so that an id of another life is known for one.
  public func makeHub(history: EventHub.History = EventHub.History(), epoch: String? = nil) -> EventHub {
    EventHub(
      of: state, history: history, epoch: epoch, counters: shards[0].counters, audiences: shards.map(\.audience))
  }

  /// A channel by itself, as of a hub that has no other.
  public func makeChannel(
    history: EventHub.History = EventHub.History(events: 256, bytes: 262_144, eventsPerChannel: 256),
    epoch: String? = nil
  ) -> EventChannel {
    makeHub(history: history, epoch: epoch).makeChannel()
  }

  /// Open connections, of subscribers and others; may be old by the time you read it.
  public var connectionCount: Int {
    shards.reduce(0) { $0 + $1.counters.connections.load(ordering: .relaxed) }
  }

  /// Open streams; may be old by the time you read it.
  public var subscriberCount: Int {
    shards.reduce(0) { $0 + $1.counters.subscribers.load(ordering: .relaxed) }
  }

  /// The same of each shard.
  package var subscriberCounts: [Int] { shards.map { $0.counters.subscribers.load(ordering: .relaxed) } }

  /// What the server has done.
  package var figures: ServerFigures { ServerFigures(shards.map(\.counters)) }
}
