internal import CMicrohttpd
internal import Glibc
internal import IOQueue
internal import Synchronization

/// One connection of libmicrohttpd's, from its start to its end: its request of the moment and its deadline.
///
/// Lives on its shard's queue. libmicrohttpd keeps it.
final class HTTPConnection: OpenConnection, IOHandler {
  /// It keeps this connection till the end.
  let shard: Shard
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
    case readingHead
    case readingBody
    case responding
    /// The body is a stream.
    case streaming(Subscriber)
    /// A stream goes on alone on a duplicate of the descriptor.
    case over
  }
  var phase = Phase.readingHead
  /// Of the head that is being read, or the request whose body is.
  private var target = ""
  private var request: HTTPRequest?
  private var body = RequestBody()
  private let remote: SocketAddress
  /// The request has to be there by then, or the response with its client.
  private var deadline: UInt64?
  /// Of the head that is being read.
  var layout = RequestHeadLayout()
  /// It was refused by its head, and what follows that is not read by libmicrohttpd. (With TLS it is libmicrohttpd's to
  /// close, which has the last word to say: close_notify.)
  private var leavesBody = false
  /// Once GnuTLS has it.
  private var certificate: ServerCertificate?

  init(_ handle: OpaquePointer, of shard: Shard) {
    self.handle = handle
    self.shard = shard
    descriptor = sse_mhd_connection_fd(handle)
    remote = sse_mhd_client_address(handle).map(SocketAddress.init) ?? SocketAddress(host: "", port: 0)
    let isLimited = shard.configuration.maxConnectionsPerAddress != nil
    client = isLimited ? sse_mhd_client_address(handle).map { ClientBlock($0) } ?? .nobody : .nobody
    let arrival = shard.acceptor?.arrival
    answer = arrival?.answer
    admit()
    armDeadline(at: arrival?.deadline ?? shard.queue.turn &+ shard.server.requestDeadline)
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
    phase = .readingHead
    self.target = target
  }

  /// Called when the head is complete, for each piece of a body, and when the request is complete. An answer to the
  /// first call goes out without anything being read after the head, and closes the connection; one to the last call
  /// keeps it.
  ///
  /// - Parameter piece: taken in whole.
  /// - Returns: false if the connection is to be closed without an answer.
  func handle(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>, piece: UnsafeRawBufferPointer) -> Bool {
    switch phase {
    case .readingHead:
      deadline = nil
      let request = HTTPRequest(
        method: String(cString: method), target: target, version: String(cString: version), fields: receivedFields(),
        remote: remote)
      shard.counters.requests.count()
      let framing = RequestFraming(request.fields)
      if let refusal = refusal(of: request, framing) {
        leavesBody = framing.bringsBody
        return respond(to: request, with: refusal)
      }
      // Also without a body: whoever expects to be told to go on may not read that.
      armDeadline(after: shard.server.requestDeadline)
      phase = .readingBody
      self.request = consume request
      return true
    case .readingBody where !piece.isEmpty: return take(piece)
    case .readingBody: return answerRequest()
    case .responding, .streaming, .over: return true
    }
  }

  /// - Returns: false if it is not worth listening any longer.
  private func take(_ piece: UnsafeRawBufferPointer) -> Bool {
    let size = body.bytes.count
    // All bodies together may take as much as some hundred of the largest.
    let hasMemory = shard.server.bodyBytes.load(ordering: .relaxed) - size < shard.configuration.bodyMemory
    let goesOn = body.append(piece, limit: shard.configuration.maxBody, hasMemory: hasMemory)
    shard.server.bodyBytes.wrappingAdd(body.bytes.count - size, ordering: .relaxed)
    return goesOn
  }

  private func answerRequest() -> Bool {
    deadline = nil
    let body = takeBody()
    phase = .responding
    request?.body = body.bytes
    guard let request = request.take() else { return false }
    switch body.loss {
    case .tooLarge: return respond(to: request, with: refusal(.tooLarge, RequestRules.tooLarge))
    case .noMemory: return respond(to: request, with: refusal(.memory, RequestRules.noMemory))
    case nil: break
    }
    let response = answer.take() ?? shard.audience.answering { shard.handler(request) }
    return respond(to: request, with: response)
  }

  /// What has come of it; its memory is another's now.
  private func takeBody() -> RequestBody {
    let taken = body
    body = RequestBody()
    if !taken.bytes.isEmpty { shard.server.bodyBytes.wrappingSubtract(taken.bytes.count, ordering: .relaxed) }
    return taken
  }

  /// The response is out, or its connection broken. If it is to be kept, the next request's time begins.
  func requestEnded(connectionStays: Bool) {
    switch phase {
    case .streaming(let subscriber):
      subscriber.leave()
      // The descriptor stays open until `closed`.
      shard.queue.unwatch(descriptor)
    case .readingBody: _ = takeBody()
    case .readingHead, .responding: break
    case .over: return
    }
    phase = .readingHead
    request = nil
    guard connectionStays else { return }
    if shard.isClosing { shutDown() } else { armDeadline(after: shard.server.requestDeadline) }
  }

  func closed() {
    deadline = nil
    // Of a connection that it could not go on with libmicrohttpd 0.9.75 may not tell the end of the request.
    requestEnded(connectionStays: false)
    switch phase {
    case .over: return
    case .readingHead where leavesBody && !shard.isSecure:
      LingeringConnection.linger(fcntl(descriptor, F_DUPFD_CLOEXEC, 0), of: shard)
    case .readingHead: FirstBytes.drain(descriptor, into: shard.scratch)
    default: break
    }
    if admission == .granted { shard.server.release(client) }
    shard.remove(self)
  }

  // MARK: Deadlines

  /// - Parameter time: nanoseconds from the beginning of the queue's turn.
  func armDeadline(after time: UInt64) { armDeadline(at: shard.queue.turn &+ time) }

  private func armDeadline(at deadline: UInt64) {
    self.deadline = deadline
    shard.deadlines.add(deadline)
  }

  func checkDeadline(at time: UInt64) -> UInt64? {
    guard let deadline else { return nil }
    guard deadline <= time else { return deadline }
    self.deadline = nil
    shutDown()
    // Of one whose buffer is full libmicrohttpd 0.9.75 does not see the hang-up; of one with a timeout of its own it looks
    // after that in every turn.
    sse_mhd_set_timeout(handle, 1)
    shard.setNeedsPump()
    return nil
  }
}
