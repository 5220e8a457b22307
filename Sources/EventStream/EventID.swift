/// An event's id, as the event keeps it.
///
/// Most ids are short, ASCII, new with each event and read by nobody: up to 23 bytes of ASCII are kept in the value, and
/// become a String, which costs an allocation, when somebody asks.
enum EventID: Sendable, Hashable {
  case short(Words)
  case long(String)

  static var none: EventID { EventID(UnsafeRawBufferPointer(start: nil, count: 0)) }

  init(_ text: String) {
    var text = text
    self = text.withUTF8 { EventID(UnsafeRawBufferPointer($0)) }
  }

  @inline(__always)
  init(_ bytes: UnsafeRawBufferPointer) {
    let words = Words(bytes)
    let isShort = bytes.count <= Words.capacity && words.isASCII
    self = isShort ? .short(words) : .long(String(repairing: bytes))
  }

  var text: String {
    switch self {
    case .long(let text): text
    case .short(let words): words.text
    }
  }
}

extension EventID {
  /// Up to 23 bytes, the first the lowest, zeros after them, and their count as the highest.
  struct Words: Sendable, Hashable, BitwiseCopyable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64

    /// Of more than 23 bytes, no more is promised than that nothing else is read.
    ///
    /// Words that are read, not bytes that are copied: what was just written in pieces is slow to read as a whole.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
      let count = bytes.count
      third = UInt64(truncatingIfNeeded: count) << 56
      if count >= 16 {
        first = bytes.word(at: 0)
        second = bytes.word(at: 8)
        third |= bytes.word(at: count - 8) >> UInt64(truncatingIfNeeded: 8 &* (24 &- count))
      } else if count >= 8 {
        first = bytes.word(at: 0)
        second = bytes.word(at: count - 8) >> UInt64(truncatingIfNeeded: 8 &* (16 &- count))
      } else {
        for position in 0..<count { first |= UInt64(bytes[position]) << UInt64(truncatingIfNeeded: 8 &* position) }
      }
    }

    static var capacity: Int { 23 }

    var isASCII: Bool { (first | second | third) & 0x8080_8080_8080_8080 == 0 }

    var text: String {
      let count = Int(third >> 56)
      return withUnsafeBytes(of: (first.littleEndian, second.littleEndian, third.littleEndian)) {
        String(repairing: UnsafeRawBufferPointer(rebasing: $0[..<count]))
      }
    }
  }
}
