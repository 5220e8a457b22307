internal import EventStream
internal import IOQueue

/// One open stream: a cursor, and what becomes bytes from there.
///
/// It goes on alone, on a duplicate of the descriptor that its request came on (`SocketOutput`). Where that is not
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
  /// Takes its bytes; nil before it begins and after its end.
  private var output: (any StreamOutput)?
  /// The bytes being sent, ours even when the history drops them, and how many of them are.
  private var frame: [UInt8] = []
  private var offset: Int32 = 0
  /// Where in the frame the time of sending is still to be put; -1 for nowhere.
  private var sendingTime: Int32 = -1
  private var owesHeartbeat = false
  private var hasLeft = false
  /// It is to be flushed in its turn.
  private var isDue = false
  /// Of a stream that may not stay open for good.
  private var limitTimer: IOTimer?

  private enum End {
    /// When everything followed is finished.
    case natural
    /// When what there is has been sent, and with it the time after which to come back.
    case drained(reconnectionTime: Duration?)
  }
  private var end = End.natural

  static let heartbeat: [UInt8] = {
    var bytes: [UInt8] = []
    EventEncoder.encode(comment: "", into: &bytes)
    return bytes
  }()

  init(from cursor: Cursor, retry: Duration?, of shard: Shard) {
    self.cursor = cursor
    self.retry = retry
    self.shard = shard
    let topics = cursor.followed
    places = Places(count: topics.count)
    // First it is told of news, then it looks at what there is, so that it misses none in between.
    for (slot, topic) in topics.enumerated() { shard.audience.add(self, to: topic, slot: slot) }
    begin()
    shard.subscriberCame()
    if cursor.isReset { shard.counters.resets.count() }
  }

  /// Its bytes go there from now on.
  func take(_ output: any StreamOutput) { self.output = output }

  /// No event reaches it any more.
  func leave() {
    guard !hasLeft else { return }
    hasLeft = true
    for (slot, topic) in cursor.followed.enumerated() { shard.audience.remove(self, from: topic, slot: slot) }
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

  func checkDeadline(at time: UInt64) {}

  func beat() {
    guard let output, output.isIdle else { return }
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

  /// Ends the stream when so much time has passed. A client that does not take the end is cut off soon after.
  func limit(to duration: Duration) {
    let timer = IOTimer(on: shard.queue) { [unowned self] in
      if !isStreaming { return cut() }
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
    while filled < buffer.count, hasBytes() {
      let start = Int(offset)
      let count = min(frame.count - start, buffer.count - filled)
      // In what is sent, as long as that is the whole; else in a copy, from which the rest will come.
      if sendingTime >= 0, count < frame.count { frame.withUnsafeMutableBytes(tellSendingTime) }
      frame.withUnsafeBytes { frame in
        UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: frame[start..<start + count]))
      }
      if sendingTime >= 0 { tellSendingTime(in: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])) }
      filled += count
      offset += Int32(count)
    }
    shard.counters.bytes.count(UInt64(filled))
    return filled
  }

  private func tellSendingTime(in frame: UnsafeMutableRawBufferPointer) {
    SendingTime.write(to: frame, at: Int(sendingTime))
    sendingTime = -1
  }

  /// Whether `frame` has something left to send, after a look at what comes next.
  private func hasBytes() -> Bool {
    if Int(offset) < frame.count { return true }
    offset = 0
    if let step = cursor.next() {
      frame = step.event.frame
      sendingTime = step.event.sendingTime
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

  /// The first block: the reconnection time and an id to resume from, in one with the first event if there is one. For
  /// some clients a block of its own would be an event without data.
  private func begin() {
    frame.reserveCapacity(128)
    if let retry {
      EventEncoder.encode(reconnectionTimeMilliseconds: retry.nanoseconds / 1_000_000, into: &frame)
      frame.removeLast()
    }
    if cursor.isReset && cursor.isMany {
      frame += "event: reset\nid: \(cursor.startID)\ndata: {\"events\":\(cursor.stateCount)}\n\n".utf8
    } else if let step = cursor.next() {
      frame += cursor.isReset ? Self.reset(step.event.frame) : step.event.frame
      // What was put in stands before the data.
      if step.event.sendingTime >= 0 {
        sendingTime = step.event.sendingTime + Int32(frame.count - step.event.frame.count)
      }
      count(step)
    } else {
      // The client is to see at once that its stream is open, and where it goes on if that breaks.
      frame += "id: ".utf8
      frame += cursor.startID.utf8
      frame += "\n\n".utf8
    }
  }

  /// The same event under the type `reset`.
  private static func reset(_ frame: [UInt8]) -> [UInt8] {
    let type = Array("event: ".utf8)
    let rest = frame.starts(with: type) ? frame.drop { $0 != UInt8(ascii: "\n") }.dropFirst() : frame[...]
    return Array("event: reset\n".utf8) + rest
  }

  private func count(_ step: Cursor.Step) {
    let counters = shard.counters
    counters.delivered.count()
    if step.skipped > 0 { counters.conflated.count(step.skipped) }
    if !step.isOld {
      counters.latency.observe(since: step.event.time)
    } else if cursor.isReplay {
      counters.replayed.count()
    }
  }
}
