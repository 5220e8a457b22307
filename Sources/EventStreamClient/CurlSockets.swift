internal import CCurl
internal import IOQueue

/// A multi handle's sockets and its one timer, on an `IOQueue`: libcurl says what it wants to be told of, and is told.
///
/// Lives on the queue, and as long as the handle.
final class CurlSockets: IOHandler {
  private let multi: UnsafeMutableRawPointer
  private let io: IOQueue
  /// Told how many transfers run now.
  private let onAction: (Int) -> Void
  private var timer: IOTimer!

  init(of multi: UnsafeMutableRawPointer, on io: IOQueue, onAction: @escaping (Int) -> Void) {
    self.multi = multi
    self.io = io
    self.onAction = onAction
    timer = IOTimer(on: io) { [unowned self] in act(CURL_SOCKET_TIMEOUT, 0) }

    let context = Unmanaged.passUnretained(self).toOpaque()
    sse_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
    sse_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
    sse_multi_set_socket_callback(multi) { _, socket, what, context, _ in
      CurlSockets.from(context)._withUnsafeGuaranteedRef { $0.watch(socket, what) }
      return 0
    }
    sse_multi_set_timer_callback(multi) { _, milliseconds, context in
      CurlSockets.from(context)._withUnsafeGuaranteedRef { $0.arm(milliseconds) }
      return 0
    }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Unmanaged<CurlSockets> {
    Unmanaged.fromOpaque(context!)
  }

  // MARK: What libcurl wants

  /// CURLMOPT_SOCKETFUNCTION.
  private func watch(_ socket: curl_socket_t, _ what: Int32) {
    switch what {
    case CURL_POLL_IN: io.watch(socket, for: .readable, self)
    case CURL_POLL_OUT: io.watch(socket, for: .writable, self)
    case CURL_POLL_INOUT: io.watch(socket, for: [.readable, .writable], self)
    default: io.unwatch(socket)
    }
  }

  /// CURLMOPT_TIMERFUNCTION: "The timer_callback … timeout of -1 means you should delete the timer"; of 0, call soon
  /// but not from in here.
  private func arm(_ milliseconds: Int) {
    if milliseconds < 0 { timer.cancel() } else { timer.schedule(after: .milliseconds(milliseconds)) }
  }

  // MARK: What it is told

  private static let readableOrEnded: IOEvents = [.readable, .hangUp, .peerClosed]

  func ready(_ descriptor: Int32, _ events: IOEvents) {
    var mask: Int32 = 0
    if !events.isDisjoint(with: Self.readableOrEnded) { mask |= CURL_CSELECT_IN }
    if events.contains(.writable) { mask |= CURL_CSELECT_OUT }
    if events.contains(.error) { mask |= CURL_CSELECT_ERR }
    act(descriptor, mask)
  }

  private func act(_ socket: curl_socket_t, _ mask: Int32) {
    var running: Int32 = 0
    curl_multi_socket_action(multi, socket, mask, &running)
    onAction(Int(running))
  }
}
