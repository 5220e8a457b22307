public import EventStream
internal import IOQueue

/// A stream of server-sent events: where it is, and how to stay connected to it.
///
/// A value that does nothing by itself: `events()` and `open` start independent connections, each of which reconnects
/// by the policy and resumes from the last event ID.
///
///     var source = EventSource("https://example.org/events")
///     source.request.set("Authorization", "Bearer …")
///     for try await event in source.events() {
///       print(event.type, event.data)
///     }
///
/// All connections of a process are served by one queue. In a process that talks TLS, ignore SIGPIPE:
/// `signal(SIGPIPE, SIG_IGN)`; libcurl's TLS library writes to sockets whose peer may be gone.
public struct EventSource: Sendable {
  /// What each attempt sends, unless `prepare` changes it.
  public var request: Request
  /// Called before each attempt with the request and the number of the attempt since the stream was last open (from
  /// 1): the place for a fresh token. What it throws counts as a failed attempt, unless it is an `EventSourceError`
  /// that the policy holds to be final.
  public var prepare: (@Sendable (Request, Int) async throws -> Request)?
  /// When to connect again.
  public var reconnection: ReconnectionPolicy
  /// Where to resume: the first request's Last-Event-ID. Empty sends none.
  public var lastEventID = ""
  /// The largest event; a larger one ends the stream with `eventTooLarge`.
  public var maxEventBytes = 16 * 1024 * 1024
  /// How long the name lookup, the connection and the TLS handshake may take together. Connections that begin while the
  /// name is looked up for another one wait for that, and fail if it does.
  public var connectTimeout: Duration = .seconds(10)
  /// How long the server may take for its response head once it has the request, or for taking the next part of it.
  public var responseTimeout: Duration = .seconds(30)
  /// How long an open stream may be silent.
  public var idleTimeout: IdleTimeout = .automatic
  /// The way to the server.
  public var transport = Transport()
  /// Media types, in lower case, of which a whole 200 response is taken for the data of one event, followed by the
  /// end of the stream: for a resource that can also be read in one piece.
  public var singleEventTypes: Set<String> = []
  /// Whether a connection whose answer has come to its end is kept for others. One that is shared by HTTP/2 is.
  package var keepsConnections = true

  /// A source for a request with a method, header fields or a body of its own. Connects to nothing yet.
  public init(_ request: Request, reconnection: ReconnectionPolicy = .standard) {
    self.request = request
    self.reconnection = reconnection
  }

  /// A source for a GET of an absolute `http` or `https` URL. What is wrong with the URL is told by the stream, as
  /// `invalidRequest`.
  public init(_ url: String, reconnection: ReconnectionPolicy = .standard) {
    self.init(Request(url), reconnection: reconnection)
  }

  /// How the server is reached.
  public struct Transport: Sendable, Hashable {
    /// A proxy's URL. None by default, also where the environment names one.
    public var proxy: String?
    /// Connect to this Unix socket; the URL's host is still sent.
    public var unixSocketPath: String?
    /// A file of certificate authorities (PEM) to trust in place of the system's.
    public var certificateAuthorities: String?
    /// Offer HTTP/2 to `https` servers: many streams then share a connection. A POST without an `Idempotency-Key` has
    /// one of its own, so that it is never sent twice in one attempt.
    public var http2 = true

    /// Straight to the server, with the system's certificate authorities.
    public init() {}
  }

  /// What the connection is doing.
  public enum State: Sendable, Hashable {
    /// An attempt, counted from 1 since the stream was last open.
    case connecting(attempt: Int)
    /// The server has answered with an event stream: its response's head.
    case open(Response)
    /// The connection was lost, or not made, and another attempt is due after the duration.
    case waiting(Duration, because: EventSourceError)
  }

  /// How a connection ends that did not fail.
  public enum End: Sendable, Hashable {
    /// The server answered 204: there will be no more events.
    case noContent
    /// `cancel` was called.
    case cancelled
  }

  /// A running connection. It goes on until it ends by itself or is cancelled, whether this is kept or not.
  public struct Subscription: Sendable {
    let session: Session?

    /// Closes the connection. From any thread, also from within the connection's own callbacks, and as often as you
    /// like. No event, comment or state is handed over that was not begun before; `onEnd` follows. It waits for none:
    /// on another thread than theirs, one that had begun may still be running, or be about to run its first line.
    public func cancel() { session?.cancel() }

    /// Whether `cancel` was called.
    package var isCancelled: Bool { session?.isCancelled ?? true }

    /// Reads on, if the sink had no room.
    package func resume() { session?.resume() }
  }

  /// Connects, and hands over events as they come, without a copy.
  ///
  /// All closures are called one at a time, in order, on the one queue that serves every stream of the process: they
  /// have to return quickly and must not block. To take your time, use `events()`.
  ///
  /// Where that queue cannot come up, for want of a descriptor or a thread, `onEnd` is called with `connectionFailed`
  /// before this returns, whatever the policy: there is nothing to wait with. The next call tries again.
  ///
  /// - Parameters:
  ///   - onState: each change of state, before anything that follows from it.
  ///   - onComment: each comment line's text, as it stands after the colon.
  ///   - onEvent: each event, valid during the call, and when its last bytes came (seconds since 1970).
  ///   - onEnd: exactly one call, the last of all: an error if the policy has given up.
  @discardableResult
  public func open(
    onState: @escaping @Sendable (State) -> Void = { _ in },
    onComment: @escaping @Sendable (String) -> Void = { _ in },
    onEvent: @escaping @Sendable (borrowing BorrowedEvent, _ received: Double) -> Void,
    onEnd: @escaping @Sendable (Result<End, EventSourceError>) -> Void = { _ in }
  ) -> Subscription {
    open(ClosureSink(onState: onState, onComment: onComment, onEvent: onEvent, onEnd: onEnd))
  }

  /// Whether the caller runs on the queue that serves all streams, where waiting for one would wait for ever.
  package static var isOnEngineQueue: Bool { Engines.areCurrent }

  /// Waits for so long, by the engine's timers: those of Swift and of Dispatch take two threads more.
  ///
  /// - Throws: when the task is cancelled, or there can be no engine.
  package static func sleep(for duration: Duration) async throws {
    try await Engines.engine(for: Transport()).io.sleep(for: duration)
  }

  /// Connects, and hands everything to `sink`.
  package func open(_ sink: any EventSink) -> Subscription {
    do throws(EventSourceError) {
      let session = Session(self, sink, on: try Engines.engine(for: transport))
      session.start()
      return Subscription(session: session)
    } catch {
      sink.ended(.failure(error))
      return Subscription(session: nil)
    }
  }
}
