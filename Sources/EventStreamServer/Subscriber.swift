internal import IOQueue

/// One open stream: a cursor, and what becomes bytes from there.
///
/// It goes on alone, on the descriptor that its request came on or a duplicate of it (`SocketOutput`). Where that is not
/// wanted, or cannot be, it is the body of libmicrohttpd's response (`ResponseOutput`).
///
/// Lives on its shard's queue.
final class Subscriber: OpenConnection {
  let shard: Shard
  private let retry: Duration?

  private(set) var cursor: Cursor
  /// Where each topic's list of followers keeps it.
  var places: Places
  /// Where the shard keeps it, once it is alone.
  var place = 0
  var isAlone: Bool { true }
  /// Takes its bytes; nil before it begins and after its end.
  private var output: (any StreamOutput)?
  private var frame = OutgoingFrame()
  private var owesHeartbeat = false
  private var hasLeft = false
  /// What follows there was nothing of when it was looked for in this turn.
  private var hasSeenAll = false
  private let beatNumber: UInt8
  /// It is to be flushed in its turn.
  private var isDue = false
  private var owner: StreamOwner?
  /// Of a stream that may not stay open for good.
  private var limitTimer: IOTimer?

  private enum End {
    /// When everything followed is finished.
    case natural
    /// When what there is has been sent, and with it the time after which to come back.
    case drained(reconnectionTime: Duration?)
  }
  private var end = End.natural

  init(from cursor: Cursor, retry: Duration?, of shard: Shard) {
    self.cursor = cursor
    self.retry = retry
    self.shard = shard
    beatNumber = UInt8(shard.latestBeat)
    let topics = cursor.followed
    places = Places(count: topics.count)
    // First it is told of news, then it looks at what there is, so that it misses none in between.
    for (slot, topic) in topics.enumerated() { topic.add(self, slot: slot, on: shard.number) }
    begin()
    shard.subscriberCame()
    if cursor.isReset { shard.counters.resets.count() }
  }

  /// A stream that goes on alone, from its head on.
  ///
  /// - Parameters:
  ///   - descriptor: is its own from now on.
  ///   - client: whose place it takes over.
  convenience init(
    alone descriptor: Int32, of client: ClientBlock, from cursor: Cursor, retry: Duration?, to response: HTTPResponse,
    isChunked: Bool, of shard: Shard
  ) {
    self.init(from: cursor, retry: retry, of: shard)
    keep(to: response)
    let head = shard.streamHead.bytes(response.fields, isChunked: isChunked)
    take(SocketOutput(self, of: client, on: descriptor, head: head, isChunked: isChunked))
  }

  /// It is of that response, and stays open as long as that says.
  func keep(to response: HTTPResponse) {
    owner = response.streamOwner
    response.streamLimit.map(limit)
  }

  /// Its bytes go there from now on.
  func take(_ output: any StreamOutput) { self.output = output }

  /// No event reaches it any more.
  func leave() {
    guard !hasLeft else { return }
    hasLeft = true
    for (slot, topic) in cursor.followed.enumerated() { topic.remove(self, slot: slot, on: shard.number) }
    shard.audience.isNotBehind(self)
    shard.subscriberLeft()
    limitTimer?.cancel()
    output = nil
  }

  /// Has it look for something to send after what the queue does now: events that come about meanwhile leave in one
  /// chunk.
  func wake() {
    guard !isDue else { return }
    isDue = true
    shard.audience.setNeedsFlush(self)
  }

  func flush() {
    isDue = false
    output?.flush()
  }

  // MARK: An open connection

  var isStreaming: Bool {
    if case .natural = end { !hasLeft } else { false }
  }

  func checkDeadline(at time: UInt64) -> UInt64? { nil }

  func beat(_ number: Int) {
    guard number == beatNumber, let output, output.isIdle else { return }
    owesHeartbeat = true
    wake()
  }

  func drain() { drain(reconnectionTime: nil) }

  /// - Parameter delay: beyond the usual reconnection time.
  func drain(comingBackAfter delay: Duration) { drain(reconnectionTime: delay + (retry ?? .zero)) }

  private func drain(reconnectionTime: Duration?) {
    guard case .natural = end else { return }
    end = .drained(reconnectionTime: reconnectionTime)
    wake()
  }

  func cut() { output?.cut() }

  func end(ofOneOf owners: Set<ObjectIdentifier>) {
    // One that is ending has its time for that.
    if isStreaming, let owner, owners.contains(ObjectIdentifier(owner)) { limit(to: .zero) }
  }

  /// Ends the stream when so much time has passed. A client that does not take the end is cut off soon after.
  private func limit(to duration: Duration) {
    limitTimer?.cancel()
    var isOver = false
    let timer = IOTimer(on: shard.queue) { [unowned self] in
      if isOver { return cut() }
      isOver = true
      drain()
      limitTimer?.schedule(after: Self.timeToEnd)
    }
    limitTimer = timer
    timer.schedule(after: duration)
  }

  private static let timeToEnd: Duration = .seconds(2)

  // MARK: Bytes

  /// Whether nothing is left to send and nothing will follow.
  var isOver: Bool {
    if case .drained = end { true } else { cursor.isAtEnd }
  }

  /// As many bytes as there are and as fit.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    var filled = 0
    hasSeenAll = false
    while filled < buffer.count, hasBytes() {
      filled += frame.copy(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
    }
    shard.counters.bytes.count(UInt64(filled))
    return filled
  }

  /// Whether `frame` has something left to send, after a look at what comes next.
  private func hasBytes() -> Bool {
    if !frame.isSent { return true }
    if !hasSeenAll, let step = cursor.next() {
      frame = OutgoingFrame(step.event)
      owesHeartbeat = false
      // What comes about from now on is told.
      hasSeenAll = step.isNewest
      shard.counters.count(step, isReplay: cursor.isReplay)
    } else if case .drained(let time?) = end {
      frame = .reconnectionTime(time)
      end = .drained(reconnectionTime: nil)
    } else if owesHeartbeat {
      frame = .heartbeat
      owesHeartbeat = false
    } else {
      frame = OutgoingFrame()
      return false
    }
    return true
  }

  private func begin() {
    // Many topics are announced before the first of them.
    let step = cursor.isReset && cursor.isMany ? nil : cursor.next()
    frame = OutgoingFrame(opening: cursor, with: step?.event, reconnectionTime: retry)
    if let step { shard.counters.count(step, isReplay: cursor.isReplay) }
  }
}
