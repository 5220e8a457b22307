// MSG_DONTWAIT comes by this module.
internal import CMicrohttpd
internal import Glibc

/// Writes the chunks of a response to its socket.
///
/// What the socket does not take at once is kept, one chunk at the most.
struct ChunkOutput {
  enum Outcome {
    /// There is nothing left to write.
    case all
    /// The socket has no room: to be tried again when it is writable.
    case blocked
    /// The connection is gone.
    case broken
  }

  let descriptor: Int32
  /// Whether the body has chunks (RFC 9112, 7.1), or goes as it is to the end of the connection.
  private let isChunked: Bool
  private var hasEnded = false
  /// What is left of a chunk, and how much of that is written.
  private var rest: [UInt8] = []
  private var written = 0
  /// What is to be sent before the first chunk.
  private var head: [UInt8]

  init(_ descriptor: Int32, head: [UInt8] = [], isChunked: Bool) {
    self.descriptor = descriptor
    // One that leaves no room for a chunk goes alone.
    (self.head, rest) = head.count <= 4096 ? (head, []) : ([], head)
    self.isChunked = isChunked
  }

  /// Whether a chunk waits for room.
  var isBlocked: Bool { !rest.isEmpty }

  /// Takes bytes from `fill`, until that gives less than there is room for, and writes them.
  ///
  /// - Parameter scratch: where a chunk is put together; any size above some dozen bytes.
  mutating func write(
    from fill: (UnsafeMutableRawBufferPointer) -> Int, scratch: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    let outcome = writeRest()
    guard outcome == .all else { return outcome }
    while true {
      let start = head.count + Self.sizeSize
      let room = UnsafeMutableRawBufferPointer(rebasing: scratch[start..<scratch.count - Self.tailSize])
      let filled = fill(room)
      guard filled > 0 else { return .all }
      var chunk = start..<start + filled
      if isChunked { chunk = Self.frame(chunk, scratch) }
      if !head.isEmpty { chunk = putHead(before: chunk, scratch) }
      let bytes = UnsafeRawBufferPointer(rebasing: scratch[chunk])
      switch send(bytes) {
      case .sent(let count) where count == bytes.count:
        if filled < room.count { return .all }
        continue
      case .sent(let count): rest = Array(bytes[count...])
      case .full: rest = Array(bytes)
      case .failed: return .broken
      }
      return .blocked
    }
  }

  /// Writes the last chunk; nothing may be written after it.
  mutating func end() -> Outcome {
    let outcome = writeRest()
    guard outcome == .all, isChunked, !hasEnded else { return outcome }
    hasEnded = true
    let last = Array("0\r\n\r\n".utf8)
    switch last.withUnsafeBytes({ send($0) }) {
    case .sent(last.count): return .all
    case .sent(let count): rest = Array(last[count...])
    case .full: rest = last
    case .failed: return .broken
    }
    return .blocked
  }

  private mutating func writeRest() -> Outcome {
    guard isBlocked else { return .all }
    let outcome = rest.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[written...])) }
    guard case .sent(let count) = outcome else { return outcome == .full ? .blocked : .broken }
    written += count
    guard written == rest.count else { return .blocked }
    rest = []
    written = 0
    return .all
  }

  private mutating func putHead(before chunk: Range<Int>, _ scratch: UnsafeMutableRawBufferPointer) -> Range<Int> {
    let start = chunk.lowerBound - head.count
    UnsafeMutableRawBufferPointer(rebasing: scratch[start..<chunk.lowerBound]).copyBytes(from: head)
    head = []
    return start..<chunk.upperBound
  }

  private static let sizeSize = 18
  private static let tailSize = 2

  /// Puts the size before the data, `D\r\n`, and a line end behind it.
  private static func frame(_ data: Range<Int>, _ scratch: UnsafeMutableRawBufferPointer) -> Range<Int> {
    var start = data.lowerBound
    func put(_ byte: UInt8) {
      start -= 1
      scratch[start] = byte
    }
    put(UInt8(ascii: "\n"))
    put(UInt8(ascii: "\r"))
    var left = data.count
    repeat {
      let digit = UInt8(left & 15)
      put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
      left >>= 4
    } while left > 0
    scratch[data.upperBound] = UInt8(ascii: "\r")
    scratch[data.upperBound + 1] = UInt8(ascii: "\n")
    return start..<data.upperBound + tailSize
  }

  private enum Sent: Equatable {
    case sent(Int), full, failed
  }

  private func send(_ bytes: UnsafeRawBufferPointer) -> Sent {
    while true {
      let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
      if count >= 0 { return .sent(count) }
      if errno == EAGAIN || errno == EWOULDBLOCK { return .full }
      if errno != EINTR { return .failed }
    }
  }
}
