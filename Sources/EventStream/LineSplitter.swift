// Bytes to lines, the first step of reading an event stream.

/// Joins the lines of a stream that comes in chunks and is split at LF, CR and CRLF, wherever the chunks are cut.
///
/// For each chunk: ``begin(_:)``; then, of what that leaves, ``finish(_:)`` with the first line that ends in it, if any
/// does, and ``keep(_:)`` with the rest. The finished line is good until ``keep(_:)``.
struct LineSplitter: ~Copyable {
  /// The line that earlier chunks began. It holds its bytes until `keep`, past its end, for those who point at them.
  private var line = CarriedBytes()
  private var lineIsOpen = false
  /// The last chunk ended in CR. Its line ended there and then: waiting to see whether a LF follows would hold an event
  /// back until the next one comes. A LF that does come next belongs to it.
  var skipsLineFeed = false
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

  /// Adds a byte to the unfinished line and returns true, if there is such a line, if it has room, and if it goes on.
  @inline(__always)
  mutating func append(_ byte: UInt8, upTo limit: Int) -> Bool {
    guard lineIsOpen, line.count < limit, byte != .lineFeed, byte != .carriageReturn else { return false }
    line.append(byte)
    return true
  }

  /// Completes the unfinished line, if there is one, with what of it the chunk begins with.
  @inline(__always)
  mutating func finish(_ part: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard lineIsOpen else { return part }
    line.append(part)
    lineIsOpen = false
    return line.bytes
  }

  /// Keeps the unfinished line at the end of a chunk.
  @inline(__always)
  mutating func keep(_ rest: UnsafeRawBufferPointer) {
    if !lineIsOpen {
      line.clear()
      line.keep()
    }
    guard !rest.isEmpty else { return }
    line.append(rest)
    lineIsOpen = true
  }

  /// The next chunk begins a stream. An unfinished line is dropped.
  mutating func reset() {
    line.release()
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
