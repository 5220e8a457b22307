internal import EventStream
internal import IOQueue

/// The bytes of a stream that are being sent, its own even when the history drops them.
struct OutgoingFrame {
  private var bytes: [UInt8]
  private var offset: Int32 = 0
  /// Where in the bytes the time of sending is still to be put; -1 for nowhere.
  private var sendingTime: Int32

  init(_ bytes: [UInt8] = []) {
    self.bytes = bytes
    sendingTime = -1
  }

  init(_ event: Topic.Event) {
    bytes = event.frame
    sendingTime = event.sendingTime
  }

  static let heartbeat: OutgoingFrame = {
    var bytes: [UInt8] = []
    EventEncoder.encode(comment: "", into: &bytes)
    return OutgoingFrame(bytes)
  }()

  static func reconnectionTime(_ time: Duration) -> OutgoingFrame {
    var bytes: [UInt8] = []
    EventEncoder.encode(reconnectionTimeMilliseconds: time.nanoseconds / 1_000_000, into: &bytes)
    return OutgoingFrame(bytes)
  }

  var isSent: Bool { Int(offset) == bytes.count }

  /// Moves on by as much as there is and as fits, and returns how much that is.
  mutating func copy(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let start = Int(offset)
    let count = min(bytes.count - start, buffer.count)
    let place = Int(sendingTime)
    sendingTime = -1
    // In what is sent, as long as that is the whole; else in a copy, from which the rest will come.
    let isWhole = count == bytes.count
    if place >= 0, !isWhole { bytes.withUnsafeMutableBytes { SendingTime.write(to: $0, at: place) } }
    bytes.withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]))
    }
    if place >= 0, isWhole { SendingTime.write(to: buffer, at: place) }
    offset += Int32(count)
    return count
  }
}

extension OutgoingFrame {
  /// The first block: the reconnection time and an id to resume from, in one with the first event if there is one. For
  /// some clients a block of its own would be an event without data.
  init(opening cursor: Cursor, with event: Topic.Event?, reconnectionTime: Duration?) {
    self.init()
    bytes.reserveCapacity(128)
    if let reconnectionTime {
      EventEncoder.encode(reconnectionTimeMilliseconds: reconnectionTime.nanoseconds / 1_000_000, into: &bytes)
      bytes.removeLast()
    }
    if let event {
      bytes += cursor.isReset ? Self.reset(event.frame) : event.frame
      // What was put in stands before the data.
      if event.sendingTime >= 0 { sendingTime = event.sendingTime + Int32(bytes.count - event.frame.count) }
    } else if cursor.isReset && cursor.isMany {
      bytes += "event: reset\nid: \(cursor.startID)\ndata: {\"events\":\(cursor.stateCount)}\n\n".utf8
    } else {
      // The client is to see at once that its stream is open, and where it goes on if that breaks.
      bytes += "id: ".utf8
      bytes += cursor.startID.utf8
      bytes += "\n\n".utf8
    }
  }

  /// The same event under the type `reset`.
  private static func reset(_ frame: [UInt8]) -> [UInt8] {
    let type = Array("event: ".utf8)
    let rest = frame.starts(with: type) ? frame.drop { $0 != UInt8(ascii: "\n") }.dropFirst() : frame[...]
    return Array("event: reset\n".utf8) + rest
  }
}
