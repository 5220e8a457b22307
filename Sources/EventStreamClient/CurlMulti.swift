internal import CCurl
internal import IOQueue

/// libcurl's multi handle, driven by an `IOQueue`: every stream of the process, on one serial queue.
///
/// Everything here happens on `io`; only that constant is for any thread.
// Sendable: all state is touched on `io` alone, which `assertCurrent` checks.
final class CurlMulti: @unchecked Sendable {
  let io: IOQueue

  private let multi: UnsafeMutableRawPointer
  /// TLS sessions, so that a reconnect need not shake hands in full.
  let share: OpaquePointer?
  /// The transfers under way, by easy handle: libcurl holds the handles, this holds their owners.
  private var transfers: [UnsafeMutableRawPointer: CurlTransfer] = [:]
  /// libcurl's, for connections.
  private var limit = 0
  private var keptConnections = KeptConnections()
  private var gate = ConnectGate<String>()
  /// Origins whose gate someone has left while libcurl was running, where no handle may be added.
  private var gatesToOpen: Set<String> = []
  private var sockets: CurlSockets!
  private var isReapDue = false
  private var scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(CURL_MAX_WRITE_SIZE), alignment: 16)

  init(io: IOQueue) {
    self.io = io
    multi = curl_multi_init()!
    share = curl_share_init().map(OpaquePointer.init)
    if let share { sse_share_set_data(UnsafeMutableRawPointer(share), CURL_LOCK_DATA_SSL_SESSION) }
    sse_multi_set_long(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX)
    sockets = CurlSockets(of: multi, on: io) { [unowned self] running in
      // curl_multi_socket_action.3: "If the amount of running_handles is changed from the previous call (or is less than
      // the amount of easy handles you have added to the multi handle), you know that there is one or more transfers
      // less "running"."
      if running < transfers.count || !gatesToOpen.isEmpty { setNeedsReap() }
    }
  }

  var now: Duration { .nanoseconds(Int64(Monotonic.now)) }
  /// When the queue last woke up: as good as `now` for measuring silence, and free.
  var turn: Duration { .nanoseconds(Int64(io.turn)) }

  /// Memory for one callback's use.
  func room(for count: Int) -> UnsafeMutableRawPointer {
    if scratch.count < count {
      scratch.deallocate()
      scratch = .allocate(byteCount: max(count, Int(CURL_MAX_WRITE_SIZE)), alignment: 16)
    }
    return scratch.baseAddress!
  }

  // MARK: Transfers

  /// Begins a transfer, at once or as soon as its origin's gate lets it.
  func add(_ transfer: CurlTransfer) {
    io.assertCurrent()
    let url = transfer.url
    if gate.enter(transfer, url.origin, needsNoLookup: transfer.needsNoLookup, at: now) { begin(transfer) }
  }

  /// Ends a transfer; its connection is closed. Never called from within one of libcurl's callbacks, where it could
  /// not be obeyed.
  func remove(_ transfer: CurlTransfer) {
    io.assertCurrent()
    guard !transfer.isRemoved else { return }
    transfer.isRemoved = true
    transfer.owner = nil
    if transfers.removeValue(forKey: transfer.easy) != nil { curl_multi_remove_handle(multi, transfer.easy) }
    if transfer.isConnecting { leaveGate(transfer, isKnown: transfer.knowsAddress) }
    openGates()
  }

  /// Called within libcurl, when the connection stands.
  func connected(_ transfer: CurlTransfer) {
    if transfer.isConnecting { leaveGate(transfer, isKnown: true) }
  }

  /// Keeps some idle connections for the next request, however many streams there are: libcurl's limit counts those,
  /// too, and beyond it an idle connection is closed whenever another one could be kept.
  private func adjustLimit() {
    let needed = transfers.count + Self.idleConnections
    guard needed > limit || needed < limit / 4 else { return }
    limit = 2 * needed
    sse_multi_set_long(multi, CURLMOPT_MAXCONNECTS, limit)
  }

  private static let idleConnections = 16

  /// So many may have libcurl's usual buffer of 16 KiB, of which a page or more is in use; those beyond have 1 KiB. That
  /// takes a fifth off the memory of a stream, and costs only one with more to read than that: 230 ns an event where it
  /// is 140. (libcurl 7.88 has a buffer for each transfer, and does not exchange it under way.)
  private static let fastTransfers = 256

  private func begin(_ transfer: CurlTransfer) {
    transfers[transfer.easy] = transfer
    adjustLimit()
    if !transfer.mayShareConnection, !keptConnections.take(transfer.url.origin) { transfer.connectsAfresh() }
    if transfers.count > Self.fastTransfers { transfer.readsLittleAtATime() }
    transfer.isConnecting = true
    let code = curl_multi_add_handle(multi, transfer.easy)
    precondition(code == CURLM_OK, "libcurl refused a new handle: \(String(cString: curl_multi_strerror(code)))")
  }

  private func beginAfresh(_ transfer: CurlTransfer) {
    transfers[transfer.easy] = nil
    curl_multi_remove_handle(multi, transfer.easy)
    if transfer.isConnecting { leaveGate(transfer, isKnown: transfer.knowsAddress) }
    transfer.connectsAfresh()
    add(transfer)
    openGates()
  }

  private func leaveGate(_ transfer: CurlTransfer, isKnown: Bool) {
    transfer.isConnecting = false
    gate.leave(transfer.url.origin, isKnown: isKnown, at: now)
    gatesToOpen.insert(transfer.url.origin)
  }

  private func openGates() {
    while let origin = gatesToOpen.popFirst() {
      while let transfer = gate.admit(origin, at: now) { begin(transfer) }
    }
  }

  /// Takes a paused transfer up again; it may hand over bytes before this returns.
  func resume(_ transfer: CurlTransfer) {
    let result = curl_easy_pause(transfer.easy, CURLPAUSE_CONT)
    // A write callback that refused the bytes here is not reported as a finished transfer.
    if result != CURLE_OK, !transfer.isRemoved { finish(transfer, result) }
  }

  // MARK: The end of transfers

  /// To take a transfer apart costs more than an event: those of other streams come first.
  private func setNeedsReap() {
    guard !isReapDue else { return }
    isReapDue = true
    io.perform { [self] in
      isReapDue = false
      reap()
    }
  }

  /// Hands finished transfers to whoever waits for their end: some of them, then it is the turn of those with events.
  private func reap() {
    var left: Int32 = 0
    for _ in 0..<Self.reapedAtATime {
      guard let message = curl_multi_info_read(multi, &left) else { break }
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let transfer = transfers[easy]
      else { continue }
      finish(transfer, sse_message_result(message))
    }
    if !gatesToOpen.isEmpty { openGates() }
    if left > 0 { setNeedsReap() }
  }

  private static let reapedAtATime = 8

  private func finish(_ transfer: CurlTransfer, _ result: CURLcode) {
    // A server that is about to give a connection up (a proxy after so many requests, or with a new configuration) has
    // said so, and streams keep it open: libcurl 7.88 still tries each new request there, which fails before it is sent.
    if result == CURLE_HTTP2, transfer.mayBeSentAfresh { return beginAfresh(transfer) }
    let error = transfer.error(of: result)
    if result == CURLE_OK { keptConnections.add(transfer.url.origin, limit: max(limit, 1024)) }
    let waiting = transfer.lacksAddress(result) ? gate.takeWaiting(forLookupOf: transfer.url.origin, at: now) : []
    end(transfer, error)
    // One that has ended may have had others removed.
    for transfer in waiting where !transfer.isRemoved { end(transfer, error) }
  }

  private func end(_ transfer: CurlTransfer, _ error: EventSourceError?) {
    let owner = transfer.owner
    remove(transfer)
    owner?.transferEnded(transfer, error)
  }
}
