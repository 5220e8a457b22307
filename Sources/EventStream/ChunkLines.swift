internal import CByteScan

/// The lines of one chunk: each up to its LF, CR or CRLF, and the rest that has no end yet.
///
/// Looks at 64 bytes at a time and remembers their line ends as bits, so that short lines cost no search of their own.
struct ChunkLines {
  private let start: UnsafeRawPointer
  private let count: Int
  private var lineStart = 0
  /// Where the bytes begin that `ends` speaks of, and which of them are line ends yet to be taken.
  private var block = 0
  private var ends: UInt64

  /// `chunk` may not be empty.
  @inline(__always)
  init(_ chunk: UnsafeRawBufferPointer) {
    start = chunk.baseAddress.unsafelyUnwrapped
    count = chunk.count
    ends = Self.ends(start, count)
  }

  /// The next line, without its end; nil once only the rest is left.
  @inline(__always)
  mutating func next() -> UnsafeRawBufferPointer? {
    guard let end = takeEnd() else { return nil }
    let line = UnsafeRawBufferPointer(start: start + lineStart, count: end &- lineStart)
    lineStart = end &+ 1
    if start.load(fromByteOffset: end, as: UInt8.self) == .carriageReturn, lineStart < count,
      start.load(fromByteOffset: lineStart, as: UInt8.self) == .lineFeed
    {
      _ = takeEnd()
      lineStart &+= 1
    }
    return line
  }

  /// What follows the last line that was taken.
  var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start + lineStart, count: count &- lineStart) }

  /// Whether the chunk's last byte ended a line as CR, so that a LF at the start of the next chunk belongs to it.
  var endsInCarriageReturn: Bool { start.load(fromByteOffset: count &- 1, as: UInt8.self) == .carriageReturn }

  @inline(__always)
  private mutating func takeEnd() -> Int? {
    while ends == 0 {
      block &+= 64
      guard block < count else { return nil }
      ends = Self.ends(start + block, count &- block)
      // A long line is likely to go on.
      if ends == 0 { skip() }
    }
    let end = block &+ ends.trailingZeroBitCount
    ends &= ends &- 1
    return end
  }

  /// On to the last 64 bytes before such as may hold a line end.
  @inline(never)
  private mutating func skip() {
    let next = block &+ 64
    if next < count { block &+= sse_skip_64s((start + next).assumingMemoryBound(to: UInt8.self), count &- next) }
  }

  @inline(__always)
  private static func ends(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
    let bytes = start.assumingMemoryBound(to: UInt8.self)
    return count >= 64 ? sse_line_ends_64(bytes) : sse_line_ends(bytes, count)
  }
}
