internal import CMicrohttpd
internal import Glibc
internal import IOQueue

/// One connection, from its start to its end: its request of the moment, its deadline, its stream.
///
/// Lives on the server's queue. The daemon owns it; libmicrohttpd carries a pointer to it.
final class HTTPConnection: IOHandler {
  unowned let daemon: Daemon
  let handle: OpaquePointer
  let descriptor: Int32
  /// Whether the response that is being sent has chunks.
  private(set) var isChunked = true
  /// Where the daemon keeps it.
  var place = 0
  /// Whether it counts among the connections that are served; one that doesn't yet may when another has left.
  private var isAdmitted = false

  private enum Phase {
    /// Until the last line of a request's head.
    case readingHead(target: String)
    case readingBody(HTTPRequest, RequestBody)
    case responding
    case streaming(Subscriber)
  }
  private var phase = Phase.readingHead(target: "")
  /// Cuts the connection if the request is not there in time.
  private var deadline: IOTimer?

  init(_ handle: OpaquePointer, of daemon: Daemon) {
    self.handle = handle
    self.daemon = daemon
    descriptor = sse_mhd_connection_fd(handle)
    isAdmitted = daemon.admit()
    armDeadline()
  }

  // MARK: What libmicrohttpd tells

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
  func handle(method: String, version: String, piece: UnsafeRawBufferPointer) -> Bool {
    switch phase {
    case .readingHead(let target):
      disarmDeadline()
      let request = HTTPRequest(
        method: method, target: target, version: version, fields: receivedFields(), remote: remoteAddress())
      daemon.counters.requests += 1
      if let refusal = refusal(of: request) { return respond(to: request, with: refusal) }
      if RequestRules.bringsBody(request) { armDeadline() }
      phase = .readingBody(request, RequestBody())
      return true
    case .readingBody(let request, var body) where !piece.isEmpty:
      phase = .responding
      daemon.bodyBytes -= body.bytes.count
      // All bodies together may take as much as some hundred of the largest.
      let hasRoom = daemon.bodyBytes < daemon.configuration.bodyMemory
      let goesOn = body.append(piece, limit: hasRoom ? daemon.configuration.maxBody : 0)
      daemon.bodyBytes += body.bytes.count
      phase = .readingBody(request, body)
      return goesOn
    case .readingBody(var request, let body):
      disarmDeadline()
      daemon.bodyBytes -= body.bytes.count
      phase = .responding
      if body.isTooLarge { return respond(to: request, with: refusal(.tooLarge, RequestRules.tooLarge)) }
      request.body = body.bytes
      return respond(to: request, with: daemon.handler(request))
    case .responding, .streaming:
      return true
    }
  }

  /// The response is out, or its connection broken. If it is to be kept, the next request's time begins.
  func requestEnded(connectionStays: Bool) {
    switch phase {
    case .streaming(let subscriber):
      subscriber.leave()
      daemon.subscribersChanged()
      // The descriptor stays open until `closed`.
      daemon.queue.unwatch(descriptor)
    case .readingBody(_, let body):
      daemon.bodyBytes -= body.bytes.count
    case .readingHead, .responding: break
    }
    phase = .readingHead(target: "")
    guard connectionStays else { return }
    if daemon.isClosing { shutDown() } else { armDeadline() }
  }

  func closed() {
    disarmDeadline()
    if isAdmitted { daemon.release() }
  }

  // MARK: What else happens to it

  /// The client of a stream has left, or half of it: a subscriber who does not want to hear from us any more says
  /// nothing else. Or the socket has room again.
  func ready(_ descriptor: Int32, _ events: IOEvents) {
    guard case .streaming(let subscriber) = phase, events == .writable else { return cut() }
    daemon.queue.watch(descriptor, for: [.peerClosed, .once], self)
    subscriber.flush()
  }

  /// Has the stream flushed when its socket has room.
  func watchForRoom() {
    daemon.queue.watch(descriptor, for: [.peerClosed, .writable, .once], self)
  }

  /// Ends a stream properly and an idle connection at once. A response on its way is left to arrive.
  func drain() {
    switch phase {
    case .readingHead: shutDown()
    case .readingBody, .responding: break
    case .streaming(let subscriber): subscriber.drain()
    }
  }

  /// Ends a stream properly, with the time after which its client is to come back.
  func drain(comingBackAfter delay: Duration) {
    if case .streaming(let subscriber) = phase { subscriber.drain(comingBackAfter: delay) }
  }

  /// Whether it has a stream that nobody has told to end.
  var isStreaming: Bool {
    if case .streaming(let subscriber) = phase { !subscriber.isDrained } else { false }
  }

  /// How many events its subscriber is behind.
  var lag: UInt64 {
    if case .streaming(let subscriber) = phase { subscriber.cursor.lag } else { 0 }
  }

  /// Ends it whatever it does.
  func cut() {
    if case .streaming(let subscriber) = phase { subscriber.cut() }
    // libmicrohttpd sees a hang-up, closes the descriptor, and tells `closed`.
    shutDown()
  }

  func beat() {
    if case .streaming(let subscriber) = phase { subscriber.beat() }
  }

  private func shutDown() {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  private func armDeadline() {
    let timer = deadline ?? IOTimer(on: daemon.queue) { [unowned self] in shutDown() }
    let limit = daemon.configuration.requestDeadline
    timer.schedule(after: limit, tolerance: limit / 16)
    deadline = timer
  }

  /// A stream has no use for a timer, and there are many.
  private func disarmDeadline() {
    deadline?.cancel()
    deadline = nil
  }

  // MARK: Answering

  /// The answer to a request that is refused by its head.
  private func refusal(of request: HTTPRequest) -> HTTPResponse? {
    if !isAdmitted { isAdmitted = daemon.admit() }
    if daemon.isClosing { return refusal(.draining, .unavailable("The server is shutting down.")) }
    if !isAdmitted {
      return refusal(.connections, .unavailable("The server has as many connections as it can serve."))
    }
    if let response = RequestRules.refusal(of: request) { return refusal(.malformed, response) }
    if let length = request.fields["Content-Length"], Int(length) ?? .max > RequestBody.tolerance {
      return refusal(.tooLarge, RequestRules.tooLarge)
    }
    return nil
  }

  private func refusal(_ reason: Refusal, _ response: HTTPResponse) -> HTTPResponse {
    daemon.counters.refusals[reason, default: 0] += 1
    return response
  }

  private func respond(to request: HTTPRequest, with response: HTTPResponse) -> Bool {
    var response = response
    let body: OpaquePointer?
    switch response.body {
    case .bytes(var bytes):
      phase = .responding
      body = bytes.withUnsafeMutableBytes {
        MHD_create_response_from_buffer($0.count, $0.baseAddress, .RESPMEM_MUST_COPY)
      }
      // No connection outlives the listener.
      if daemon.isDraining { response.fields["Connection"] = "close" }
    case .events(let selection, let lastEventID, let retry):
      precondition(selection.queue === daemon.queue, "a channel's events can be streamed by the server that made it")
      if daemon.isDraining {
        return respond(to: request, with: refusal(.draining, .unavailable("The server is shutting down.")))
      }
      let cursor = selection.cursor(after: lastEventID)
      if cursor.isAtEnd, lastEventID != nil {
        return respond(to: request, with: .noMoreEvents(instead: response))
      }
      // The stream's end is then the connection's: nothing to guess for a client, nothing left open by a drain.
      response.fields["Connection"] = "close"
      body = stream(from: cursor, to: request, retry: retry)
    }
    guard let body else { return false }
    defer { MHD_destroy_response(body) }
    for field in response.fields { MHD_add_response_header(body, field.name, field.value) }
    guard MHD_queue_response(handle, UInt32(response.status), body) == .YES else { return false }
    daemon.onAccess?(AccessRecord(request, status: response.status))
    return true
  }

  private func stream(from cursor: Cursor, to request: HTTPRequest, retry: Duration?) -> OpaquePointer? {
    guard request.method != "HEAD" else {
      phase = .responding
      let body = MHD_create_response_from_callback(
        SSE_MHD_SIZE_UNKNOWN, 1, { _, _, _, _ in Int(MHD_CONTENT_READER_END_OF_STREAM) }, nil, nil)
      // libmicrohttpd 0.9.75 sends the last chunk of a chunked body even to a HEAD request.
      if let body { sse_mhd_unchunked(body) }
      return body
    }
    isChunked = request.version == "HTTP/1.1"
    let subscriber = Subscriber(from: cursor, retry: retry, on: self, counters: daemon.counters)
    phase = .streaming(subscriber)
    daemon.subscribersChanged()
    daemon.queue.watch(descriptor, for: [.peerClosed, .once], self)
    // libmicrohttpd allocates a block for each response, and uses it for HTTP/1.0 only.
    return subscriber.makeResponse(blockSize: isChunked ? 1 : 4096)
  }

  private func receivedFields() -> HTTPFields {
    var fields = HTTPFields()
    withUnsafeMutablePointer(to: &fields) { fields in
      _ = MHD_get_connection_values_n(
        handle, .HEADER_KIND,
        { fields, _, name, nameLength, value, valueLength in
          fields!.assumingMemoryBound(to: HTTPFields.self).pointee.appendReceived(
            String(decoding: UnsafeRawBufferPointer(start: name, count: nameLength), as: UTF8.self),
            String(decoding: UnsafeRawBufferPointer(start: value, count: valueLength), as: UTF8.self))
          return .YES
        }, fields)
    }
    return fields
  }

  private func remoteAddress() -> SocketAddress {
    sse_mhd_client_address(handle).map(SocketAddress.init) ?? SocketAddress(host: "", port: 0)
  }
}
