/// Takes the chunked transfer coding off a body (RFC 9112, section 7.1) that comes in pieces, wherever they are cut.
///
/// libcurl would do it, and hand over each chunk by itself: for a stream with a chunk an event more than half the work.
/// It still follows the coding to find the body's end, and it judges: what is no such coding ends the transfer. So here
/// the reading is as lenient as libcurl's, and what cannot be read has no data.
struct ChunkedCoding {
  private enum Part { case size, restOfSizeLine, data, lineEnd, afterLastChunk }

  private var part = Part.size
  private var digits = 0
  /// Of the chunk's data, what is still to come.
  private var left: UInt64 = 0

  /// The data in `bytes`: part of them if it lies there in one piece, else put together in `room`, which has to be as
  /// large as `bytes`.
  mutating func data(in bytes: UnsafeRawBufferPointer, room: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
    var rest = bytes
    var data = UnsafeRawBufferPointer(start: nil, count: 0)
    while let piece = next(in: &rest) {
      if data.isEmpty {
        data = piece
      } else {
        if data.baseAddress != UnsafeRawPointer(room) {
          room.copyMemory(from: data.baseAddress!, byteCount: data.count)
        }
        (room + data.count).copyMemory(from: piece.baseAddress!, byteCount: piece.count)
        data = UnsafeRawBufferPointer(start: room, count: data.count + piece.count)
      }
    }
    return data
  }

  /// The next piece of data in `rest`, which it is taken off together with what comes before it.
  @inline(__always)
  private mutating func next(in rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var position = 0
    while position < rest.count {
      let byte = rest[position]
      switch part {
      case .size:
        if let digit = byte.hexDigit, digits < 16 {
          left = left << 4 | UInt64(digit)
          digits += 1
          position += 1
        } else {
          part = digits > 0 && byte.hexDigit == nil ? .restOfSizeLine : .afterLastChunk
        }
      case .restOfSizeLine:
        // Extensions, that nobody knows, and the line's end.
        if byte == UInt8(ascii: "\n") {
          part = left > 0 ? .data : .afterLastChunk
          digits = 0
        }
        position += 1
      case .data:
        let count = Int(min(left, UInt64(rest.count - position)))
        let piece = UnsafeRawBufferPointer(rebasing: rest[position..<position + count])
        left -= UInt64(count)
        if left == 0 { part = .lineEnd }
        rest = UnsafeRawBufferPointer(rebasing: rest[(position + count)...])
        return piece
      case .lineEnd:
        switch byte {
        case UInt8(ascii: "\n"): part = .size
        case UInt8(ascii: "\r"): break
        default: part = .afterLastChunk
        }
        position += 1
      case .afterLastChunk:
        // Trailers, or no such coding.
        return nil
      }
    }
    return nil
  }
}

extension UInt8 {
  @inline(__always)
  fileprivate var hexDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
