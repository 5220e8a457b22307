public import EventStreamServer
internal import IOQueue

/// A server with one simulated translation, whose status it tells at `/status`: as an event stream, as JSON, and as a
/// page for people, by what the client accepts.
///
///     let server = try TranslationServer(.init(port: 8000))
///     print("http://\(try server.start())/status")
///     await server.stop()
///
/// The translation starts with the server. Everything may be called from any thread. The process has to ignore SIGPIPE.
public final class TranslationServer: Sendable {
  public struct Configuration: Sendable {
    /// Where to listen, and what clients may take.
    public var http: HTTPServer.Configuration
    /// How long the translation takes.
    public var delay: Duration = .seconds(15)
    /// Reports of progress on the way.
    public var steps = 0
    /// If set, the translation fails in the end with this message.
    public var failure: String?
    /// What clients are told to wait before they reconnect.
    public var retry: Duration = .seconds(2)

    public init(host: String = "127.0.0.1", port: Int = 8000) {
      http = HTTPServer.Configuration(host: host, port: port)
    }
  }

  private let http: HTTPServer
  private let publisher: StatusPublisher
  private let retry: Duration

  /// Throws if the process has no descriptor left.
  public init(_ configuration: Configuration = Configuration()) throws(ServerError) {
    http = try HTTPServer(configuration.http)
    retry = configuration.retry
    publisher = StatusPublisher(to: http.makeChannel(), on: http.queue) { start in
      TranslationJob(
        start: start, duration: configuration.delay, steps: configuration.steps,
        outcome: configuration.failure.map { .failed(message: $0) } ?? .completed)
    }
  }

  /// Listens, starts the translation, and returns the address with the port that it got.
  ///
  /// Throws, and traps, as `HTTPServer.start` does.
  ///
  /// - Parameter onAccess: told of each answered request, on the server's queue; has to return quickly.
  @discardableResult
  public func start(onAccess: (@Sendable (AccessRecord) -> Void)? = nil) throws(ServerError) -> SocketAddress {
    let (publisher, retry) = (publisher, retry)
    let address = try http.start(onAccess: onAccess) { request in
      StatusRoutes(publisher: publisher, retry: retry).response(to: request)
    }
    // Unless a request was faster.
    http.queue.perform { publisher.start() }
    return address
  }

  /// Ends every stream properly, and returns when the last connection is gone; after `grace` those left are cut.
  /// A second call waits for the same end.
  public func stop(within grace: Duration = .seconds(5)) async {
    await http.stop(within: grace)
  }

  /// The same for code that is not asynchronous: blocks the calling thread.
  @available(*, noasync)
  public func stop(within grace: Duration = .seconds(5)) {
    http.stop(within: grace)
  }

  /// Open streams; may be old by the time you read it.
  public var subscriberCount: Int { http.subscriberCount }
}
