// Bytes to lines, the first step of reading an event stream.

/// Splits a stream that comes in chunks at LF, CR and CRLF, wherever the chunks are cut.
///
/// For each chunk: ``begin(_:)``, then ``next(in:)`` until nil, then ``keep(_:)``. The lines point into the chunk or
/// into the splitter and are good until ``keep(_:)``.
struct LineSplitter: ~Copyable {
  /// The line that earlier chunks began. It holds its bytes until `keep`, past its end, for those who point at them.
  private var line = CarriedBytes()
  private var lineIsOpen = false
  /// The last chunk ended in CR. Its line ended there and then; a LF that comes next belongs to it.
  private var skipsLineFeed = false
  /// How much of a byte order mark the stream has begun with; all three also if it turned out to have none.
  private var byteOrderMarkCount = 0

  /// The bytes of the unfinished line that were kept.
  var openByteCount: Int { lineIsOpen ? line.count : 0 }

  /// Takes up a chunk; returns what is to be split of it.
  @inline(__always)
  mutating func begin(_ chunk: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var rest = chunk
    if skipsLineFeed, let first = rest.first {
      skipsLineFeed = false
      if first == .lineFeed { rest.removeFirst(1) }
    }
    if byteOrderMarkCount < 3 { skipByteOrderMark(&rest) }
    return rest
  }

  /// The next line that ends in `rest`, without its end; nil when the rest ends first.
  @inline(__always)
  mutating func next(in rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard let end = rest.firstLineEnd() else { return nil }
    let part = rest.slice(0, end)
    var next = end + 1
    if rest[end] == .carriageReturn {
      // Ended already: waiting to see whether a LF follows would hold an event back until the next one comes.
      if next == rest.count {
        skipsLineFeed = true
      } else if rest[next] == .lineFeed {
        next += 1
      }
    }
    rest.removeFirst(next)
    guard lineIsOpen else { return part }
    line.append(part)
    lineIsOpen = false
    return line.bytes
  }

  /// Keeps the unfinished line at the end of a chunk.
  @inline(__always)
  mutating func keep(_ rest: UnsafeRawBufferPointer) {
    if !lineIsOpen { line.clear() }
    guard !rest.isEmpty else { return }
    line.append(rest)
    lineIsOpen = true
  }

  /// The next chunk begins a stream. An unfinished line is dropped.
  mutating func reset() {
    line.clear()
    lineIsOpen = false
    skipsLineFeed = false
    byteOrderMarkCount = 0
  }

  /// "Streams must be decoded using the UTF-8 decode algorithm", which "strips one leading UTF-8 Byte Order Mark (BOM),
  /// if any": at the start of the stream, nowhere else.
  @inline(never)
  private mutating func skipByteOrderMark(_ rest: inout UnsafeRawBufferPointer) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    while byteOrderMarkCount < 3, let byte = rest.first {
      if byte == mark[byteOrderMarkCount] {
        byteOrderMarkCount += 1
        rest.removeFirst(1)
      } else {
        // What looked like one is content.
        mark[..<byteOrderMarkCount].withUnsafeBytes { keep($0) }
        byteOrderMarkCount = 3
      }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Where the first LF or CR is.
  @inline(__always)
  func firstLineEnd() -> Int? {
    guard count > 0, let start = baseAddress else { return nil }
    // Every event ends in an empty line.
    if self[0] == .lineFeed { return 0 }
    var position = 0
    while let candidate = firstLowByte(from: position, start, count) {
      if self[candidate].isLineEnd { return candidate }
      position = candidate &+ 1
    }
    return nil
  }

  @inline(__always)
  var containsNUL: Bool {
    guard let start = baseAddress else { return false }
    var position = 0
    while let candidate = firstLowByte(from: position, start, count) {
      if self[candidate] == 0 { return true }
      position = candidate &+ 1
    }
    return false
  }

  /// The bytes from `start` to before `end`, which must be within; only a debug build looks.
  @inline(__always)
  func slice(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
    assert(start >= 0 && start <= end && end <= count && baseAddress != nil)
    return UnsafeRawBufferPointer(start: baseAddress.unsafelyUnwrapped + start, count: end &- start)
  }

  @inline(__always)
  mutating func removeFirst(_ n: Int) {
    self = slice(n, count)
  }
}

/// The first byte less than 0x0E: a line end, or more rarely a tab. One such test costs less than two for the very bytes.
@inline(__always)
private func firstLowByte(from first: Int, _ start: UnsafeRawPointer, _ count: Int) -> Int? {
  var position = first
  // In 32 bytes at once, a dozen vector instructions: (x - n) & ~x has top bits set if and only if a byte is less than n,
  // or, after one that is, equal to it.
  // (Lanes of 64 bits, because Swift 6.3 compares lanes of 8 bits one by one.)
  while position &+ 32 <= count {
    let words = start.loadUnaligned(fromByteOffset: position, as: SIMD4<UInt64>.self)
    let low = (words &- SIMD4(repeating: 0x0E0E_0E0E_0E0E_0E0E)) & ~words & SIMD4(repeating: 0x8080_8080_8080_8080)
    if low[0] | low[1] | low[2] | low[3] != 0 { break }
    position &+= 32
  }
  // In eight bytes, of which the first is sought: that of the lowest bit.
  while position &+ 8 <= count {
    let word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    let low = (word &- 0x0E0E_0E0E_0E0E_0E0E) & ~word & 0x8080_8080_8080_8080
    if low != 0 { return position &+ low.trailingZeroBitCount &>> 3 }
    position &+= 8
  }
  while position < count {
    if start.load(fromByteOffset: position, as: UInt8.self) < 0x0E { return position }
    position &+= 1
  }
  return nil
}

extension UInt8 {
  @inline(__always)
  fileprivate var isLineEnd: Bool { self == .lineFeed || self == .carriageReturn }
}
