internal import CMicrohttpd
internal import IOQueue

/// Gives a stream to libmicrohttpd, as the body of a response.
///
/// While there is nothing to send the connection is suspended.
final class ResponseOutput: StreamOutput {
  // The connection ends the subscription before it goes, and libmicrohttpd's response keeps the subscriber.
  private unowned let connection: HTTPConnection
  private unowned let subscriber: Subscriber
  private var isSuspended = false
  private var isCut = false

  init(_ subscriber: Subscriber, on connection: HTTPConnection) {
    self.subscriber = subscriber
    self.connection = connection
  }

  var isIdle: Bool { isSuspended }

  /// Has libmicrohttpd call the reader.
  func flush() {
    guard isSuspended else { return }
    isSuspended = false
    subscriber.shard.audience.isBehind(subscriber)
    MHD_resume_connection(connection.handle)
    subscriber.shard.setNeedsPump()
  }

  func cut() {
    isCut = true
    flush()
    // It may not be suspended, but wait for room.
    connection.shutDown()
  }

  // MARK: The reader

  /// A response whose body is the stream. `blockSize`: what is asked for at a time where there are no chunks.
  func makeResponse(blockSize: Int) -> OpaquePointer? {
    let context = Unmanaged.passRetained(self)
    let response = MHD_create_response_from_callback(
      SSE_MHD_SIZE_UNKNOWN, blockSize,
      { context, _, buffer, capacity in
        Unmanaged<ResponseOutput>.fromOpaque(context!)._withUnsafeGuaranteedRef {
          $0.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
        }
      }, context.toOpaque(), { Unmanaged<ResponseOutput>.fromOpaque($0!).release() })
    if response == nil { context.release() }
    return response
  }

  /// Called when all that was given before was sent.
  private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    subscriber.shard.pump?.wasCalled()
    if isCut { return finish(MHD_CONTENT_READER_END_WITH_ERROR) }
    let filled = subscriber.fill(buffer)
    if filled > 0 { return filled }
    if subscriber.isOver { return finish(MHD_CONTENT_READER_END_OF_STREAM) }
    // "Returning zero will cause libmicrohttpd to try again. Thus, returning zero should only be used in conjunction
    // with MHD_suspend_connection() to avoid busy waiting" (microhttpd.h).
    isSuspended = true
    subscriber.shard.audience.isNotBehind(subscriber)
    MHD_suspend_connection(connection.handle)
    return 0
  }

  private func finish(_ how: Int) -> Int {
    // libmicrohttpd 0.9.75 marks the connection closed here and then forgets it, descriptor and all, until the one that
    // was idle longest has something to do. Connections with a timeout of their own it looks after in every turn.
    sse_mhd_set_timeout(connection.handle, 1)
    subscriber.shard.setNeedsPump()
    return how
  }
}
