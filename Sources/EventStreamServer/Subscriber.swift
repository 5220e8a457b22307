internal import CMicrohttpd
internal import EventStream
internal import IOQueue

/// One open stream: a cursor, and what becomes bytes from there.
///
/// libmicrohttpd sends the head and the first chunk. From then on its connection stays suspended, which costs nothing,
/// and the stream writes its chunks to the socket itself, until libmicrohttpd is to send the last one: to resume a
/// connection costs it a walk over all that are suspended.
///
/// Lives on the server's queue.
final class Subscriber {
  // The connection ends the subscription before it goes.
  unowned let connection: HTTPConnection
  let counters: Counters
  private let retry: Duration?

  private(set) var cursor: Cursor
  /// Where each topic keeps it.
  var places: [Int]
  /// The bytes being sent, ours even when the history drops them, and how many of them are.
  private var frame: [UInt8] = []
  private var offset = 0
  private var owesHeartbeat = false
  private var isSuspended = false
  /// Where its own writing goes; nil until the first chunk is out.
  private var output: ChunkOutput?
  /// It is to be flushed at the end of the queue's turn.
  private var isDue = false
  private var hasLeft = false

  private enum End {
    /// When everything followed is finished.
    case natural
    /// When what there is has been sent, and with it the time after which to come back.
    case drained(reconnectionTime: Duration?)
    /// At once, with no proper end.
    case cut
  }
  private var end = End.natural

  static let heartbeat: [UInt8] = {
    var bytes: [UInt8] = []
    EventEncoder.encode(comment: "", into: &bytes)
    return bytes
  }()

  init(from cursor: Cursor, retry: Duration?, on connection: HTTPConnection, counters: Counters) {
    self.cursor = cursor
    self.retry = retry
    self.connection = connection
    self.counters = counters
    places = Array(repeating: 0, count: cursor.slots)
    begin()
    cursor.add(self)
    counters.subscribers += 1
    if cursor.isReset { counters.resets += 1 }
  }

  /// Whether it was told to end.
  var isDrained: Bool {
    if case .natural = end { false } else { true }
  }

  /// No event reaches it any more.
  func leave() {
    hasLeft = true
    cursor.remove(self)
    counters.subscribers -= 1
  }

  /// Has it look for something to send after what the queue does now: events that come about in one turn leave in one
  /// chunk.
  func wake() {
    guard output != nil else { return resume() }
    guard !isDue else { return }
    isDue = true
    connection.daemon.setNeedsFlush(self)
  }

  /// Has libmicrohttpd call its reader.
  private func resume() {
    guard isSuspended else { return }
    isSuspended = false
    MHD_resume_connection(connection.handle)
    connection.daemon.setNeedsPump()
  }

  /// Sends a comment, unless something else is on its way.
  func beat() {
    guard isSuspended, output?.isBlocked != true else { return }
    owesHeartbeat = true
    wake()
  }

  /// Ends the stream properly, whatever may follow.
  ///
  /// - Parameter delay: beyond the usual reconnection time, after which the client is to come back; nil for the usual
  ///   time.
  func drain(comingBackAfter delay: Duration? = nil) {
    guard case .natural = end else { return }
    end = .drained(reconnectionTime: delay.map { $0 + (retry ?? .zero) })
    wake()
  }

  /// Ends the stream without its last chunk: its client is gone, or does not read.
  func cut() {
    end = .cut
    resume()
  }

  // MARK: Its own writing

  /// Writes what there is, as far as the socket takes it.
  func flush() {
    isDue = false
    guard !hasLeft, isSuspended, output != nil else { return }
    switch output!.write(from: { fill($0) }, scratch: connection.daemon.scratch) {
    case .all: if isOver { resume() }
    case .blocked: connection.watchForRoom()
    case .broken: cut()
    }
  }

  /// Whether nothing is left to send and nothing will follow.
  private var isOver: Bool {
    if case .drained = end { true } else { cursor.isAtEnd }
  }

  // MARK: Frames

  /// The first block: the reconnection time and an id to resume from, in one with the first event if there is one. For
  /// some clients a block of its own would be an event without data.
  private func begin() {
    if let retry {
      EventEncoder.encode(reconnectionTimeMilliseconds: retry.nanoseconds / 1_000_000, into: &frame)
      frame.removeLast()
    }
    if cursor.isReset && cursor.isMany {
      frame += "event: reset\nid: \(cursor.startID)\ndata: {\"events\":\(cursor.stateCount)}\n\n".utf8
    } else if let step = cursor.next() {
      frame += cursor.isReset ? Self.reset(step.event.frame) : step.event.frame
      count(step)
    } else {
      // The client is to see at once that its stream is open, and where it goes on if that breaks.
      frame += "id: \(cursor.startID)\n\n".utf8
    }
  }

  /// The same event under the type `reset`.
  private static func reset(_ frame: [UInt8]) -> [UInt8] {
    let type = Array("event: ".utf8)
    let rest = frame.starts(with: type) ? frame.drop { $0 != UInt8(ascii: "\n") }.dropFirst() : frame[...]
    return Array("event: reset\n".utf8) + rest
  }

  private func count(_ step: Cursor.Step) {
    counters.delivered += 1
    counters.conflated += step.skipped
    if !step.isOld {
      counters.latency.observe(since: step.event.time)
    } else if cursor.isReplay {
      counters.replayed += 1
    }
  }

  /// Whether `frame` has something left to send, after a look at what comes next.
  private func hasBytes() -> Bool {
    if offset < frame.count { return true }
    offset = 0
    if let step = cursor.next() {
      frame = step.event.frame
      owesHeartbeat = false
      count(step)
    } else if case .drained(let time?) = end {
      frame = []
      EventEncoder.encode(reconnectionTimeMilliseconds: time.nanoseconds / 1_000_000, into: &frame)
      end = .drained(reconnectionTime: nil)
    } else if owesHeartbeat {
      frame = Self.heartbeat
      owesHeartbeat = false
    } else {
      frame = []
      return false
    }
    return true
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

  /// The first chunks, as long as there is something to send at once, and the end.
  private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    if case .cut = end { return finish(MHD_CONTENT_READER_END_WITH_ERROR) }
    let filled = output == nil ? fill(buffer) : 0
    if filled > 0 { return filled }
    if isOver { return finish(MHD_CONTENT_READER_END_OF_STREAM) }
    // It is called when all that it gave before was sent, so that the socket stands at the end of a chunk.
    if output == nil { output = ChunkOutput(connection.descriptor, isChunked: connection.isChunked) }
    // "Returning zero will cause libmicrohttpd to try again. Thus, returning zero should only be used in conjunction
    // with MHD_suspend_connection() to avoid busy waiting" (microhttpd.h).
    isSuspended = true
    MHD_suspend_connection(connection.handle)
    return 0
  }

  /// As many bytes as there are and as fit.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
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
    counters.bytes += UInt64(filled)
    return filled
  }

  private func finish(_ how: Int) -> Int {
    // libmicrohttpd 0.9.75 marks the connection closed here and then forgets it, descriptor and all, until the one that
    // was idle longest has something to do. Connections with a timeout of their own it looks after in every turn.
    sse_mhd_set_timeout(connection.handle, 1)
    connection.daemon.setNeedsPump()
    return how
  }
}
