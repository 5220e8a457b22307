/// What can be said of a request head by the bytes of it that have come.
///
/// The request line is looked at so far that what is no HTTP is known at once, also if it never has a line end; of the
/// fields only how the lines end. The rest is for `RequestRules`.
struct RequestHead {
  enum State {
    /// Nothing is wrong so far.
    case unfinished
    /// The empty line is there, and every line before it ends as it should.
    case whole
    case malformed
  }

  static func state(of bytes: UnsafeRawBufferPointer) -> State {
    var head = RequestHead(bytes: bytes)
    return head.state()
  }

  private let bytes: UnsafeRawBufferPointer
  private var index = 0

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private var isAtEnd: Bool { index == bytes.count }

  private mutating func state() -> State {
    skipEmptyLines()
    let method = skip(while: ByteSet.token.contains)
    // None that is in use has half as many letters as 32.
    if isAtEnd || atLoneReturn && method == 0 { return method <= 32 ? .unfinished : .malformed }
    guard method > 0, takeSpace() else { return .malformed }
    let target = skip { $0 > 0x20 && $0 != 0x7F }
    if isAtEnd { return .unfinished }
    guard target > 0, takeSpace() else { return .malformed }
    for letter in "HTTP/".utf8 {
      if isAtEnd { return .unfinished }
      guard bytes[index] == letter else { return .malformed }
      index += 1
    }
    return lines()
  }

  /// RFC 9112, 2.2: "a server […] SHOULD ignore at least one empty line (CRLF) received prior to the request-line".
  private mutating func skipEmptyLines() {
    while bytes.count >= index + 2, bytes[index] == Self.carriageReturn, bytes[index + 1] == Self.lineFeed {
      index += 2
    }
  }

  private var atLoneReturn: Bool { index + 1 == bytes.count && bytes[index] == Self.carriageReturn }

  private mutating func skip(while isGood: (UInt8) -> Bool) -> Int {
    let start = index
    while index < bytes.count, isGood(bytes[index]) { index += 1 }
    return index - start
  }

  private mutating func takeSpace() -> Bool {
    guard bytes[index] == UInt8(ascii: " ") else { return false }
    index += 1
    return true
  }

  /// RFC 9112, 2.2: a line ends with CRLF, a CR by itself is an error, and an LF may be one. A NUL would end a string for
  /// some who read it and not for others (RFC 9110, 5.5).
  private mutating func lines() -> State {
    var start = index
    while index < bytes.count {
      switch bytes[index] {
      case Self.carriageReturn:
        if atLoneReturn { return .unfinished }
        guard bytes[index + 1] == Self.lineFeed else { return .malformed }
        if index == start { return .whole }
        index += 2
        start = index
      case Self.lineFeed, 0: return .malformed
      default: index += 1
      }
    }
    return .unfinished
  }

  private static let carriageReturn = UInt8(ascii: "\r")
  private static let lineFeed = UInt8(ascii: "\n")
}
