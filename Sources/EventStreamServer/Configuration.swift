extension HTTPServer {
  /// Where a server listens, and what clients may take of it.
  public struct Configuration: Sendable {
    /// A name or an address, `::` for all addresses of the machine.
    public var host: String
    /// 0 lets the system choose one.
    public var port: Int
    /// The number of a descriptor that listens already, in place of `host` and `port`: what a service manager passes to
    /// the process. The server works on duplicates of it and never closes it, so that connections which come after its
    /// end wait there for the next process.
    public var listeningDescriptor: Int32?
    /// Connections beyond are answered 503 with Retry-After. At most what the process's limit of descriptors allows.
    public var maxConnections = 10_000
    /// The same for the connections of one address, or of one /64 network of IPv6; those beyond are answered 429. Nil for
    /// no limit: behind a proxy all clients have its address.
    public var maxConnectionsPerAddress: Int?
    /// How often subscribers get a comment when there is nothing else, so that both ends learn of a dead connection.
    /// Zero sends none.
    public var heartbeat: Duration = .seconds(15)
    /// A connection that has not sent a whole request head by then is closed, after 408 if it is the first one and has
    /// begun; counted from its start, and again from the end of each request. A body may take as long once more.
    public var requestDeadline: Duration = .seconds(10)
    /// A response that is no stream has to be taken whole by then, or its connection is cut.
    public var responseDeadline: Duration = .seconds(60)
    /// The largest body of a request, in bytes; a larger one is answered 413.
    public var maxBody = 262_144
    /// Bytes of memory for the bodies of all requests that are being read; while it is full, a body is answered 503.
    public var bodyMemory = 67_108_864
    /// A connection whose client has not acknowledged anything for so long is dead (TCP_USER_TIMEOUT).
    public var userTimeout: Duration = .seconds(30)
    /// Bytes that the system may hold for a client that does not read (SO_SNDBUF; the kernel doubles it).
    public var sendBuffer = 16_384
    /// Bytes of memory for a connection whose request is being read; a stream holds none of it. A request head may take
    /// half of it, and is answered 431 or 414 beyond.
    public var requestMemory = 16_384
    /// Parts that work side by side, each with a queue and a listener of its own; the system spreads connections over
    /// them. Nil: as many as the process has processors. 64 at the most.
    public var shards: Int?
    /// Speaks TLS with this certificate, and nothing else. libmicrohttpd then writes the streams, as without
    /// `writesDirectly`.
    public var tls: TLS?
    /// Streams are written to their sockets by the server itself, and first requests of a connection that say that they
    /// want one (`Accept: text/event-stream`) are read by it. Without it libmicrohttpd does both: a subscriber then takes
    /// the memory of a request for good, and an event the more time the more subscribers there are.
    public var writesDirectly = true

    /// Everything else as it stands above.
    public init(host: String = "127.0.0.1", port: Int = 8000) {
      self.host = host
      self.port = port
    }
  }
}
