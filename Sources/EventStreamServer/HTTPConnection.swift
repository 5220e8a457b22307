internal import CMicrohttpd
internal import Glibc
internal import IOQueue
internal import Synchronization

/// One connection of libmicrohttpd's, from its start to its end: its request of the moment and its deadline.
///
/// Lives on its shard's queue. libmicrohttpd keeps it.
final class HTTPConnection: OpenConnection, IOHandler {
  unowned let shard: Shard
  let handle: OpaquePointer
  let descriptor: Int32
  /// Whether the response that is being sent has chunks.
  var isChunked = true
  /// Where the shard keeps it.
  var place = 0
  var isAlone: Bool { false }
  /// Whether it counts among the connections that are served; one that doesn't yet may when another has left.
  private(set) var admission = ServerState.Admission.full
  /// Where clients are limited.
  let client: ClientBlock
  /// The handler's, to the first request, if it was asked before libmicrohttpd had the connection.
  private var answer: HTTPResponse?

  enum Phase {
    /// Until the last line of a request's head.
    case readingHead(target: String)
    case readingBody(HTTPRequest, RequestBody)
    case responding
    /// The body is a stream.
    case streaming(Subscriber)
    /// A stream goes on alone on a duplicate of the descriptor.
    case over
  }
  var phase = Phase.readingHead(target: "")
  /// The request has to be there by then, or the response with its client.
  private var deadline: UInt64?
  /// Of the head that is being read.
  var layout = RequestHeadLayout()
  /// It was refused by its head, and what follows that is not read by libmicrohttpd.
  private var leavesBody = false
  /// Once GnuTLS has it.
  private var certificate: ServerCertificate?

  init(_ handle: OpaquePointer, of shard: Shard) {
    self.handle = handle
    self.shard = shard
    descriptor = sse_mhd_connection_fd(handle)
    let isLimited = shard.configuration.maxConnectionsPerAddress != nil
    client = isLimited ? sse_mhd_client_address(handle).map { ClientBlock($0) } ?? .nobody : .nobody
    answer = shard.acceptor?.answer
    admit()
    armDeadline(after: shard.configuration.requestDeadline)
    shard.insert(self)
  }

  /// Takes one of the places for connections that are served, if it has none and there is one.
  func admit() {
    if admission != .granted { admission = shard.server.admit(client) }
  }

  // MARK: What libmicrohttpd tells

  /// What it is to be known by, from its handshake to its end.
  func takeCertificate() -> ServerCertificate? {
    if certificate == nil { certificate = shard.server.tls.withLock { $0?.certificate } }
    return certificate
  }

  /// The request line is there.
  func requestBegan(target: String) {
    phase = .readingHead(target: target)
  }

  /// Called when the head is complete, for each piece of a body, and when the request is complete. An answer to the
  /// first call goes out without anything being read after the head, and closes the connection; one to the last call
  /// keeps it.
  ///
  /// - Parameter piece: taken in whole.
  /// - Returns: false if the connection is to be closed without an answer.
  func handle(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>, piece: UnsafeRawBufferPointer) -> Bool {
    switch phase {
    case .readingHead(let target):
      disarmDeadline()
      let request = HTTPRequest(
        method: String(cString: method), target: target, version: String(cString: version), fields: receivedFields(),
        remote: remoteAddress())
      shard.counters.requests.count()
      let bringsBody = RequestRules.bringsBody(request)
      if let refusal = refusal(of: request) ?? (bringsBody ? screen(request) : nil) {
        leavesBody = bringsBody
        return respond(to: request, with: refusal)
      }
      if bringsBody { armDeadline(after: shard.configuration.requestDeadline) }
      phase = .readingBody(request, RequestBody())
      return true
    case .readingBody(let request, var body) where !piece.isEmpty:
      phase = .responding
      let size = body.bytes.count
      // All bodies together may take as much as some hundred of the largest.
      let hasMemory = shard.server.bodyBytes.load(ordering: .relaxed) - size < shard.configuration.bodyMemory
      let goesOn = body.append(piece, limit: shard.configuration.maxBody, hasMemory: hasMemory)
      shard.server.bodyBytes.wrappingAdd(body.bytes.count - size, ordering: .relaxed)
      phase = .readingBody(request, body)
      return goesOn
    case .readingBody(var request, let body):
      disarmDeadline()
      forget(body)
      phase = .responding
      switch body.loss {
      case .tooLarge: return respond(to: request, with: refusal(.tooLarge, RequestRules.tooLarge))
      case .noMemory: return respond(to: request, with: refusal(.memory, RequestRules.noMemory))
      case nil: break
      }
      request.body = body.bytes
      let response = answer.take() ?? shard.audience.answering { shard.handler(request) }
      return respond(to: request, with: response)
    case .responding, .streaming, .over:
      return true
    }
  }

  /// The response is out, or its connection broken. If it is to be kept, the next request's time begins.
  func requestEnded(connectionStays: Bool) {
    switch phase {
    case .streaming(let subscriber):
      subscriber.leave()
      // The descriptor stays open until `closed`.
      shard.queue.unwatch(descriptor)
    case .readingBody(_, let body): forget(body)
    case .readingHead, .responding: break
    case .over: return
    }
    phase = .readingHead(target: "")
    guard connectionStays else { return }
    if shard.isClosing { shutDown() } else { armDeadline(after: shard.configuration.requestDeadline) }
  }

  private func forget(_ body: RequestBody) {
    shard.server.bodyBytes.wrappingSubtract(body.bytes.count, ordering: .relaxed)
  }

  func closed() {
    disarmDeadline()
    switch phase {
    case .over: return
    case .readingHead where leavesBody: LingeringConnection.linger(fcntl(descriptor, F_DUPFD_CLOEXEC, 0), of: shard)
    case .readingHead: FirstBytes.drain(descriptor, into: shard.scratch)
    default: break
    }
    if admission == .granted { shard.server.release(client) }
    shard.remove(self)
  }

  // MARK: What else happens to it

  /// The client of a stream has left, or half of it: a subscriber who does not want to hear from us any more says
  /// nothing else.
  func ready(_ descriptor: Int32, _ events: IOEvents) { cut() }

  var isStreaming: Bool {
    if case .streaming(let subscriber) = phase { subscriber.isStreaming } else { false }
  }

  func beat(_ number: Int) {
    if case .streaming(let subscriber) = phase { subscriber.beat(number) }
  }

  func drain() {
    switch phase {
    case .readingHead: shutDown()
    case .readingBody, .responding, .over: break
    case .streaming(let subscriber): subscriber.drain()
    }
  }

  func drain(comingBackAfter delay: Duration) {
    if case .streaming(let subscriber) = phase { subscriber.drain(comingBackAfter: delay) }
  }

  func end(ofOneOf owners: Set<ObjectIdentifier>) {
    if case .streaming(let subscriber) = phase { subscriber.end(ofOneOf: owners) }
  }

  /// Ends it whatever it does.
  func cut() {
    if case .streaming(let subscriber) = phase { subscriber.cut() } else { shutDown() }
  }

  /// libmicrohttpd sees a hang-up, closes the descriptor, and tells `closed`.
  func shutDown() {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  func armDeadline(after time: Duration) {
    if deadline == nil { shard.deadlines.add() }
    deadline = Monotonic.now &+ time.nanoseconds
  }

  private func disarmDeadline() {
    if deadline != nil { shard.deadlines.remove() }
    deadline = nil
  }

  func checkDeadline(at time: UInt64) {
    if let deadline, deadline <= time { shutDown() }
  }
}
