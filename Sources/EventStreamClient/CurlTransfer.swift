internal import CCurl
internal import Glibc
internal import IOQueue

/// One request on its way and one response coming in: an easy handle and the callbacks that libcurl calls on it.
///
/// Lives on the engine's queue. The easy handle points back here unretained: the multi keeps this object until the
/// handle is out of it.
final class CurlTransfer {
  let easy: UnsafeMutableRawPointer
  let url: CurlURL
  let needsNoLookup: Bool
  /// Whether a connection that is in use may turn out to carry this transfer too.
  let mayShareConnection: Bool
  /// Held until the transfer is over or removed. Not weakly: what that takes the leak sanitizer takes for a leak.
  var owner: (any CurlTransferOwner)?

  // The multi's:
  var isConnecting = false
  var isRemoved = false

  // The options':
  var headers: UnsafeMutablePointer<curl_slist>?
  /// It takes no connection that was there before.
  var isFresh = false
  /// libcurl leaves a transfer coding on the body.
  var isRaw = false

  unowned let engine: CurlMulti
  private var head = ResponseHead()
  /// What the owner made of the response head; nil until it is complete.
  private var verdict: HeadVerdict?
  /// Set for a body whose chunks are put together here.
  private var coding: ChunkedCoding?
  /// What was collected of the body.
  private(set) var body: [UInt8] = []
  /// There is more of it than was to be collected.
  private(set) var isBodyTooLarge = false
  private(set) var isPaused = false
  /// How much of the request's body libcurl has written to the socket.
  private var sent: curl_off_t = 0
  private let errorText: UnsafeMutablePointer<CChar>

  init(
    _ request: EventSource.Request, to url: CurlURL, lastEventID: String, for source: EventSource, on engine: CurlMulti
  ) {
    easy = curl_easy_init()!
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    self.url = url
    self.engine = engine
    let transport = source.transport
    needsNoLookup = url.needsNoLookup || transport.unixSocketPath != nil || transport.proxy != nil
    // Without TLS none does, and libcurl 7.88 learns that from the end of the first response: which a stream
    // has not.
    mayShareConnection = transport.http2 && url.isSecure
    configure(request, lastEventID: lastEventID)
    configure(transport)
    // One that is shared would be closed for the others too.
    if !source.keepsConnections, !mayShareConnection { sse_easy_set_long(easy, CURLOPT_FORBID_REUSE, 1) }
    sse_easy_set_long(
      easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(clamping: source.connectTimeout.nanoseconds / 1_000_000)))
    setCallbacks()
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headers)
    errorText.deallocate()
  }

  /// Takes up a transfer whose bytes were refused. Bytes may come before this returns.
  func resume() {
    guard isPaused, !isRemoved else { return }
    isPaused = false
    engine.resume(self)
  }

  // MARK: Callbacks

  private func setCallbacks() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    sse_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    sse_easy_set_pointer(easy, CURLOPT_PREREQDATA, context)
    sse_easy_set_connected_callback(easy) { context, _, _, _, _ in
      CurlTransfer.from(context)._withUnsafeGuaranteedRef { $0.connected() }
      return CURL_PREREQFUNC_OK
    }
    sse_easy_set_pointer(easy, CURLOPT_XFERINFODATA, context)
    sse_easy_set_progress_callback(easy) { context, _, _, _, sent in
      CurlTransfer.from(context)._withUnsafeGuaranteedRef { $0.progressed(sent: sent) }
      return 0
    }
    sse_easy_set_pointer(easy, CURLOPT_HEADERDATA, context)
    sse_easy_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return CurlTransfer.from(context)._withUnsafeGuaranteedRef { $0.received(headerLine: line) }
    }
    sse_easy_set_pointer(easy, CURLOPT_WRITEDATA, context)
    sse_easy_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return CurlTransfer.from(context)._withUnsafeGuaranteedRef { $0.received(chunk) }
    }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Unmanaged<CurlTransfer> {
    Unmanaged.fromOpaque(context!)
  }

  // MARK: Called by libcurl

  private func connected() {
    engine.connected(self)
    owner?.transferSent(self)
  }

  private func progressed(sent: curl_off_t) {
    guard verdict == nil, sent > self.sent else { return }
    self.sent = sent
    owner?.transferSent(self)
  }

  private func received(headerLine line: UnsafeRawBufferPointer) -> Int {
    // What follows a body are its trailers.
    guard verdict == nil, head.receive(line) else { return line.count }
    let verdict = owner?.transfer(self, received: head) ?? .refuse
    self.verdict = verdict
    if head.isChunked && isRaw { coding = ChunkedCoding() }
    // Any count but the line's own ends the transfer.
    return verdict == .refuse ? 0 : line.count
  }

  private func received(_ bytes: UnsafeRawBufferPointer) -> Int {
    var coding = coding
    let data = coding?.data(in: bytes, room: engine.room(for: bytes.count)) ?? bytes
    switch data.isEmpty ? .taken : taken(data) {
    case .taken:
      self.coding = coding
      return bytes.count
    case .refused:
      return SSE_WRITE_ERROR
    case .later:
      // They come again as they are, chunks and all.
      isPaused = true
      return SSE_WRITE_PAUSE
    }
  }

  private func taken(_ data: UnsafeRawBufferPointer) -> ChunkVerdict {
    guard case .collect(let limit) = verdict else { return owner?.transfer(self, received: data) ?? .refused }
    let room = limit - body.count
    body.append(contentsOf: data.prefix(room))
    isBodyTooLarge = data.count > room
    return isBodyTooLarge ? .refused : .taken
  }

  // MARK: The end

  /// Whether another connection may do what the one that was there could not.
  var mayBeSentAfresh: Bool { mayShareConnection && !isFresh && verdict == nil }

  /// Whether the host's name has been looked up, whatever came of the connection.
  var knowsAddress: Bool { sse_easy_get_off(easy, CURLINFO_NAMELOOKUP_TIME_T) > 0 }

  /// Whether it ended for want of its host's address.
  func lacksAddress(_ result: CURLcode) -> Bool {
    [CURLE_COULDNT_RESOLVE_HOST, CURLE_OPERATION_TIMEDOUT].contains(result) && !needsNoLookup && !knowsAddress
  }

  /// What a result code of libcurl's comes to; nil if the response came to its proper end.
  func error(of result: CURLcode) -> EventSourceError? {
    guard result != CURLE_OK || verdict == nil else { return nil }
    let systemError = Int32(truncatingIfNeeded: sse_easy_get_long(easy, CURLINFO_OS_ERRNO))
    return failure(result, String(cString: errorText), systemError)
  }

  private func failure(_ result: CURLcode, _ text: String, _ systemError: Int32) -> EventSourceError {
    let words = text.isEmpty ? String(cString: curl_easy_strerror(result)) : text
    switch result {
    case CURLE_OPERATION_TIMEDOUT: return .timedOut(.connection)
    case CURLE_URL_MALFORMAT: return .invalidRequest(words)
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: return .notHTTP(words)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM:
      let verification = sse_easy_get_long(easy, CURLINFO_SSL_VERIFYRESULT)
      return .untrusted(CertificateProblem(verification: verification, words), host: url.host)
    case CURLE_SSL_CONNECT_ERROR where words.contains("wrong version number"):
      return .connectionFailed("\(url.origin) does not speak TLS: try http:// or another port")
    case CURLE_COULDNT_CONNECT where systemError != 0:
      return .connectionFailed("cannot connect to \(url.origin): \(String(cString: strerror(systemError)))")
    case CURLE_COULDNT_RESOLVE_HOST:
      return .connectionFailed("cannot find the host \(url.host): check the name, or the network")
    case CURLE_GOT_NOTHING, CURLE_OK:
      return .connectionFailed("\(url.origin) closed the connection without an answer")
    default:
      return .connectionFailed("the connection to \(url.origin) \(verdict == nil ? "failed" : "broke"): \(words)")
    }
  }
}
