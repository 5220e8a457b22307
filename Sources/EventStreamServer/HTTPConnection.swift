internal import CMicrohttpd
internal import Glibc
internal import IOQueue

/// One connection, from its start to its end: its request of the moment, its deadline, its stream.
///
/// Lives on the server's queue. The daemon owns it; libmicrohttpd carries a pointer to it.
final class HTTPConnection: IOHandler {
  unowned let daemon: Daemon
  let handle: OpaquePointer
  private let descriptor: Int32
  /// Where the daemon keeps it.
  var place = 0
  /// Whether it counts among the connections that are served; one that doesn't yet may when another has left.
  private var isAdmitted = false

  private enum Phase {
    /// Until the last line of a request's head.
    case readingHead(target: String)
    case answering(HTTPRequest)
    case responding
    case streaming(Subscriber)
  }
  private var phase = Phase.readingHead(target: "")
  /// Cuts the connection if the head is not there in time.
  private var headDeadline: IOTimer?

  init(_ handle: OpaquePointer, of daemon: Daemon) {
    self.handle = handle
    self.daemon = daemon
    descriptor = sse_mhd_connection_fd(handle)
    isAdmitted = daemon.admit()
    armHeadDeadline()
  }

  // MARK: What libmicrohttpd tells

  /// The request line is there.
  func requestBegan(target: String) {
    phase = .readingHead(target: target)
  }

  /// Called when the head is complete, and again when the request is. An answer to the first call goes out without
  /// anything being read after the head, and closes the connection; an answer to the second keeps it.
  ///
  /// - Returns: false if the connection is to be closed without an answer.
  func handle(method: String, version: String) -> Bool {
    switch phase {
    case .readingHead(let target):
      disarmHeadDeadline()
      let request = HTTPRequest(
        method: method, target: target, version: version, fields: receivedFields(), remote: remoteAddress())
      if let refusal = refusal(of: request) { return respond(to: request, with: refusal) }
      if RequestRules.bringsBody(request) { return respond(to: request, with: daemon.handler(request)) }
      phase = .answering(request)
      return true
    case .answering(let request):
      return respond(to: request, with: daemon.handler(request))
    case .responding, .streaming:
      return true
    }
  }

  /// The response is out, or its connection broken. If it is to be kept, the next request's time begins.
  func requestEnded(connectionStays: Bool) {
    if case .streaming(let subscriber) = phase {
      subscriber.end()
      daemon.subscriptionEnded()
      // The descriptor stays open until `closed`.
      daemon.queue.unwatch(descriptor)
    }
    phase = .readingHead(target: "")
    guard connectionStays else { return }
    if daemon.isDraining { shutDown() } else { armHeadDeadline() }
  }

  func closed() {
    disarmHeadDeadline()
    if isAdmitted { daemon.release() }
  }

  // MARK: What else happens to it

  /// The client has left, or half of it: a subscriber who does not want to hear from us any more says nothing else.
  /// libmicrohttpd would notice at its second write after that.
  func ready(_ descriptor: Int32, _ events: IOEvents) { cut() }

  /// Ends a stream properly and an idle connection at once. A response on its way is left to arrive.
  func drain() {
    switch phase {
    case .readingHead: shutDown()
    case .answering, .responding: break
    case .streaming(let subscriber): subscriber.wake()
    }
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

  private func armHeadDeadline() {
    let timer = headDeadline ?? IOTimer(on: daemon.queue) { [unowned self] in shutDown() }
    let limit = daemon.configuration.headDeadline
    timer.schedule(after: limit, tolerance: limit / 16)
    headDeadline = timer
  }

  /// A stream has no use for a timer, and there are many.
  private func disarmHeadDeadline() {
    headDeadline?.cancel()
    headDeadline = nil
  }

  // MARK: Answering

  private func refusal(of request: HTTPRequest) -> HTTPResponse? {
    if !isAdmitted { isAdmitted = daemon.admit() }
    if daemon.isDraining { return .unavailable("The server is shutting down.") }
    if !isAdmitted { return .unavailable("The server has as many connections as it can serve.") }
    return RequestRules.refusal(of: request)
  }

  private func respond(to request: HTTPRequest, with response: HTTPResponse) -> Bool {
    var fields = response.fields
    let body: OpaquePointer?
    switch response.body {
    case .bytes(var bytes):
      phase = .responding
      body = bytes.withUnsafeMutableBytes {
        MHD_create_response_from_buffer($0.count, $0.baseAddress, .RESPMEM_MUST_COPY)
      }
    case .events(let channel, let lastEventID, let retry):
      precondition(channel.queue === daemon.queue, "a channel's events can be streamed by the server that made it")
      // The stream's end is then the connection's: nothing to guess for a client, nothing left open by a drain.
      fields["Connection"] = "close"
      if request.method == "HEAD" {
        phase = .responding
        body = MHD_create_response_from_callback(
          SSE_MHD_SIZE_UNKNOWN, 1, { _, _, _, _ in Int(MHD_CONTENT_READER_END_OF_STREAM) }, nil, nil)
        // libmicrohttpd 0.9.75 sends the last chunk of a chunked body even to a HEAD request.
        if let body { sse_mhd_unchunked(body) }
      } else {
        let subscriber = Subscriber(to: channel, after: lastEventID, retry: retry, on: self)
        phase = .streaming(subscriber)
        daemon.subscriptionBegan()
        daemon.queue.watch(descriptor, for: [.peerClosed, .once], self)
        // libmicrohttpd allocates a block for each response, and uses it for HTTP/1.0 only.
        body = subscriber.makeResponse(blockSize: request.version == "HTTP/1.1" ? 1 : 4096)
      }
    }
    guard let body else { return false }
    defer { MHD_destroy_response(body) }
    for field in fields { MHD_add_response_header(body, field.name, field.value) }
    guard MHD_queue_response(handle, UInt32(response.status), body) == .YES else { return false }
    daemon.onAccess?(AccessRecord(request, status: response.status))
    return true
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
