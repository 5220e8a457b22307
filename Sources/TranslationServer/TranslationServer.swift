public import EventStreamServer
internal import IOQueue
internal import TranslationAPI

/// A server for translations: clients submit them, workers say how far they are, and whoever waits follows that as an
/// event stream, as JSON, or on a page.
///
///     let server = try TranslationServer(.init(port: 8000))
///     print("http://\(try server.start())/status")
///     await server.stop()
///
/// One simulated translation starts with the server: its status is at `/status`. Everything may be called from any
/// thread. The process has to ignore SIGPIPE.
public final class TranslationServer: Sendable {
  /// Where the server listens, what it keeps and who may use it.
  public struct Configuration: Sendable {
    /// Where to listen, and what clients may take.
    public var http: HTTPServer.Configuration
    /// How long the server's own translation takes.
    public var delay: Duration = .seconds(15)
    /// Its reports of progress on the way.
    public var steps = 0
    /// If set, it fails in the end with this message.
    public var failure: String?
    /// What clients are told to wait before they reconnect.
    public var retry: Duration = .seconds(2)
    /// What is kept of the past for clients who come back.
    public var history = EventHub.History(eventsPerChannel: 64)
    /// Translations that are kept at a time, the finished ones too; beyond, new ones are answered 503.
    public var maxJobs = 100_000
    /// How long a finished translation is kept; after that its resources are answered 410.
    public var retention: Duration = .seconds(3600)
    /// A file that translations are kept in, so that they outlive the process; nil for none. The server's own is not.
    public var journal: String?
    /// Told in a sentence what whoever runs the server should know: that the journal cannot be written, that it is whole
    /// again, that a part of it could not be read. On a thread of the server's; has to return quickly.
    public var onNotice: @Sendable (String) -> Void = { _ in }
    /// How many clients a second may come back after `stop`; nil ends all streams at once.
    public var reconnectionRate: Double? = 1000
    /// Who may ask for what.
    public var access = Access()

    /// Everything else as it stands above.
    public init(host: String = "127.0.0.1", port: Int = 8000) {
      http = HTTPServer.Configuration(host: host, port: port)
    }
  }

  private let http: HTTPServer
  private let configuration: Configuration
  private let jobs: Jobs
  private let access: AccessControl

  /// Throws if the process has no descriptor left, or the journal cannot be used.
  public init(_ configuration: Configuration = Configuration()) throws(ServerError) {
    self.configuration = configuration
    access = AccessControl(configuration.access, isSecure: configuration.http.tls != nil)
    http = try HTTPServer(configuration.http)
    do throws(Journal.Failure) {
      let journal = try configuration.journal.map { path throws(Journal.Failure) in try Journal(path: path) }
      jobs = try Jobs(configuration, on: http, journal: journal)
    } catch {
      throw .cannotStart(reason: error.reason)
    }
  }

  /// Listens, starts the translation, and returns the address with the port that it got.
  ///
  /// Throws, and traps, as `HTTPServer.start` does.
  ///
  /// - Parameter onAccess: told of each answered request, on the queue of its connection; has to return quickly.
  @discardableResult
  public func start(onAccess: (@Sendable (AccessRecord) -> Void)? = nil) throws(ServerError) -> SocketAddress {
    let (jobs, access) = (jobs, access)
    let address = try http.start(
      onAccess: onAccess,
      screen: { request in
        let refusal = access.refusal(byHead: request)
        if let refusal, refusal.status >= 400 { jobs.refused(refusal) }
        return refusal
      }
    ) { request in
      let decision = access.decision(on: request)
      var response = jobs.response(to: request, decision)
      if case .granted(let grant) = decision {
        access.finish(&response, to: request, grant)
      } else {
        access.finish(&response, to: request, .unlimited)
      }
      return response
    }
    // Unless a request was faster.
    jobs.begin()
    return address
  }

  /// Takes new tokens, keys, origins and rates for the requests that come from now on. Streams of tokens, and of keys,
  /// that are not among them end, and those that were opened without a token if that is wanted now; others go on.
  public func change(access: Access) { http.endStreams(of: self.access.change(to: access)) }

  /// Takes another certificate for the connections that come from now on, as `HTTPServer.change` does.
  public func change(tls: HTTPServer.TLS) { http.change(tls: tls) }

  /// Ends every stream properly, and returns when the last connection is gone; after `grace` those left are cut.
  /// Streams end one after the other, and their clients are told to come back at different times, by the
  /// configuration's `reconnectionRate`. A second call waits for the same end.
  public func stop(within grace: Duration = .seconds(5)) async {
    await http.stop(within: grace, reconnectionRate: configuration.reconnectionRate)
    jobs.close()
  }

  /// The same for code that is not asynchronous: blocks the calling thread.
  @available(*, noasync)
  public func stop(within grace: Duration = .seconds(5)) {
    http.stop(within: grace, reconnectionRate: configuration.reconnectionRate)
    jobs.close()
  }

  /// Calls `completion` when each of the server's threads has got round to it, and the translations could be looked at:
  /// not as long as one of them hangs. For a watchdog.
  package func whenAllAnswer(_ completion: @escaping @Sendable () -> Void) {
    let jobs = jobs
    http.whenAllAnswer {
      jobs.visit()
      completion()
    }
  }

  /// Open streams; may be old by the time you read it.
  public var subscriberCount: Int { http.subscriberCount }
}

/// The server's translations and the routes to them. Its own translation starts when they are first asked for.
// Sendable: touched under the lock alone, but for its making.
private final class Jobs: @unchecked Sendable {
  private let lock: TableLock
  private let table: JobTable
  private let configuration: TranslationServer.Configuration
  private let http: HTTPServer

  init(
    _ configuration: TranslationServer.Configuration, on http: HTTPServer, journal: Journal?
  ) throws(Journal.Failure) {
    self.configuration = configuration
    self.http = http
    lock = TableLock(timersOn: http.queues[0])
    table = JobTable(
      hub: http.makeHub(history: configuration.history), under: lock,
      limits: JobTable.Limits(jobs: configuration.maxJobs, retention: configuration.retention), journal: journal,
      onNotice: { [queue = http.queues[0], onNotice = configuration.onNotice] notice in
        // Not under the lock.
        queue.perform { onNotice(notice) }
      })
    let table = table
    let restored = lock.locked { () -> Result<Void, Journal.Failure> in
      do throws(Journal.Failure) { return .success(try table.journal?.restore() ?? ()) } catch {
        return .failure(error)
      }
    }
    try restored.get()
  }

  func begin() {
    lock.locked { _ = routes }
  }

  /// Returns when nobody else has the translations.
  func visit() { lock.locked {} }

  func response(to request: HTTPRequest, _ decision: AccessControl.Decision) -> HTTPResponse {
    lock.locked { routes.response(to: request, decision) }
  }

  /// Counts a request that was answered without a look at the translations.
  func refused(_ answer: HTTPResponse) {
    lock.locked { routes.metrics.rejected(answer.status) }
  }

  /// Lets go of the journal, for another server to take it up.
  func close() {
    lock.locked { table.journal?.close() }
  }

  private lazy var routes: Routes = {
    let own = table.pin(
      NewTranslation(
        source: "de", target: "en", title: "The translation that starts with the server",
        simulation: .init(
          seconds: configuration.delay.seconds, failure: configuration.failure, steps: configuration.steps)))
    return Routes(table: table, own: own, retry: configuration.retry, server: http, metrics: Metrics())
  }()
}

extension Duration {
  /// As a number of seconds.
  fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
