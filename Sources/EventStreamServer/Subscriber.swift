internal import CMicrohttpd
internal import EventStream
internal import IOQueue

/// One open stream: a place in its channel, and libmicrohttpd's reader that takes bytes from there.
///
/// Lives on the server's queue. While there is nothing to send its connection is suspended, and costs nothing.
final class Subscriber {
  private let channel: EventChannel
  // The connection ends the subscription before it goes.
  private unowned let connection: HTTPConnection

  /// The number of the next event.
  private var cursor: UInt64
  /// The bytes being sent, ours even when the channel's history drops them, and how many of them are.
  private var frame: [UInt8]
  private var offset = 0
  private var owesHeartbeat = false
  private var isSuspended = false
  /// Whether the stream breaks off, with no proper end.
  private var isCut = false
  /// Where the channel keeps it.
  var place = 0

  static let heartbeat: [UInt8] = {
    var bytes: [UInt8] = []
    EventEncoder.encode(comment: "", into: &bytes)
    return bytes
  }()

  init(to channel: EventChannel, after lastEventID: String?, retry: Duration?, on connection: HTTPConnection) {
    self.channel = channel
    self.connection = connection
    cursor = channel.cursor(after: lastEventID)
    frame = []
    if let retry {
      EventEncoder.encode(reconnectionTimeMilliseconds: retry.nanoseconds / 1_000_000, into: &frame)
      // In one block with the event that follows: some clients take a block of its own for an event without data.
      if channel.holds(cursor) { frame.removeLast() }
    } else {
      // The client is to see at once that its stream is open, even if the channel has nothing to tell yet.
      frame = Self.heartbeat
    }
    channel.add(self)
  }

  /// No event reaches it any more.
  func end() { channel.remove(self) }

  /// Has the connection look for something to send in the daemon's next turn.
  func wake() {
    guard isSuspended else { return }
    isSuspended = false
    MHD_resume_connection(connection.handle)
    connection.daemon.setNeedsPump()
  }

  /// Sends a comment, unless something else is on its way.
  func beat() {
    guard isSuspended else { return }
    owesHeartbeat = true
    wake()
  }

  /// Ends the stream without its last chunk: its client is gone, or does not read.
  func cut() {
    isCut = true
    wake()
  }

  // MARK: libmicrohttpd's reader

  /// A response whose body is what `read` gives. `blockSize`: what is asked for at a time where there are no chunks.
  func makeResponse(blockSize: Int) -> OpaquePointer? {
    let context = Unmanaged.passRetained(self)
    let response = MHD_create_response_from_callback(
      SSE_MHD_SIZE_UNKNOWN, blockSize,
      { context, _, buffer, capacity in
        Unmanaged<Subscriber>.fromOpaque(context!)._withUnsafeGuaranteedRef {
          $0.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
        }
      }, context.toOpaque(), { Unmanaged<Subscriber>.fromOpaque($0!).release() })
    if response == nil { context.release() }
    return response
  }

  /// As many bytes as there are and as fit: events that came about in one turn leave in one chunk.
  private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    if isCut { return end(MHD_CONTENT_READER_END_WITH_ERROR) }
    var filled = 0
    while filled < buffer.count, hasBytes() {
      let count = min(frame.count - offset, buffer.count - filled)
      frame.withUnsafeBytes { frame in
        UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: frame[offset..<offset + count]))
      }
      filled += count
      offset += count
    }
    if filled > 0 { return filled }
    if channel.isFinished || connection.daemon.isDraining { return end(MHD_CONTENT_READER_END_OF_STREAM) }
    // "Returning zero will cause libmicrohttpd to try again. Thus, returning zero should only be used in conjunction
    // with MHD_suspend_connection() to avoid busy waiting" (microhttpd.h).
    isSuspended = true
    MHD_suspend_connection(connection.handle)
    return 0
  }

  private func end(_ how: Int) -> Int {
    // libmicrohttpd 0.9.75 marks the connection closed here and then forgets it, descriptor and all, until the one that
    // was idle longest has something to do. Connections with a timeout of their own it looks after in every turn.
    sse_mhd_set_timeout(connection.handle, 1)
    connection.daemon.setNeedsPump()
    return how
  }

  /// Whether `frame` has something left to send, after a look at what comes next.
  private func hasBytes() -> Bool {
    if offset < frame.count { return true }
    offset = 0
    if let next = channel.next(&cursor) {
      frame = next
      owesHeartbeat = false
    } else if owesHeartbeat {
      frame = Self.heartbeat
      owesHeartbeat = false
    } else {
      frame = []
      return false
    }
    return true
  }
}
