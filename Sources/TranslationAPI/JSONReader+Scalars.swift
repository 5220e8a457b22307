extension JSONReader {
  /// The next value, a string, with its escapes resolved. Refuses what no `String` can hold: bytes that aren't UTF-8,
  /// and half of a surrogate pair.
  package mutating func string() throws(JSONError) -> String {
    let (content, hasEscapes) = try scanString()
    let raw = bytes[content]
    return hasEscapes ? Self.unescape(raw) : String(decoding: raw, as: UTF8.self)
  }

  /// The next value, a number, rounded to the nearest Double; infinity if it is too large for one.
  package mutating func number() throws(JSONError) -> Double {
    let range = try scanNumber()
    if let value = Self.shortNumber(bytes[range]) { return value }
    // JSON's grammar is a part of what `Double.init` reads (no `inf`, no `0x1p4`), and that knows no locale.
    guard let value = Double(String(decoding: bytes[range], as: UTF8.self)) else {
      preconditionFailure("Double reads every JSON number")
    }
    return value
  }

  // MARK: Strings

  /// Checks a string and passes its closing quotation mark; returns where its content stands, escapes and all.
  /// `skip` stops here: a string that nobody wants is checked but never made.
  mutating func scanString() throws(JSONError) -> (content: Range<Int>, hasEscapes: Bool) {
    try expect("\"", "a string")
    let start = position
    var hasEscapes = false
    var isASCII = true
    while let byte = peek(), byte != UInt8(ascii: "\"") {
      if byte < 0x20 { throw unexpected(insteadOf: "an escape for a control character in a string") }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        try scanEscape()
      } else {
        if byte >= 0x80 { isASCII = false }
        position += 1
      }
    }
    let content = start..<position
    guard peek() != nil else { throw unexpected(insteadOf: "'\"' at the end of a string") }
    if !isASCII { try validateUTF8(content) }
    position += 1
    needsComma = true
    return (content, hasEscapes)
  }

  private mutating func scanEscape() throws(JSONError) {
    let start = position
    position += 1
    switch peek() {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 1
    case UInt8(ascii: "u"):
      position += 1
      let unit = try scanHexDigits()
      guard UTF16.isSurrogate(unit) else { return }
      // "To escape an extended character that is not in the Basic Multilingual Plane, the character is represented as
      // a 12-character sequence, encoding the UTF-16 surrogate pair." A half of one is no character. — RFC 8259, 7
      let unpaired = JSONError(position: start, reason: "expected a surrogate pair, found half of one")
      guard UTF16.isLeadSurrogate(unit), peek() == UInt8(ascii: "\\") else { throw unpaired }
      position += 1
      guard peek() == UInt8(ascii: "u") else { throw unpaired }
      position += 1
      guard UTF16.isTrailSurrogate(try scanHexDigits()) else { throw unpaired }
    default:
      throw unexpected(insteadOf: "one of \" \\ / b f n r t u after a backslash")
    }
  }

  private mutating func scanHexDigits() throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = peek().flatMap(Self.hexValue) else { throw unexpected(insteadOf: "four hex digits after \\u") }
      unit = unit << 4 | digit
      position += 1
    }
    return unit
  }

  private static func hexValue(_ byte: UInt8) -> UInt16? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private func validateUTF8(_ range: Range<Int>) throws(JSONError) {
    let text = UnsafeRawBufferPointer(rebasing: bytes[range]).bindMemory(to: UInt8.self)
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: text.span)
    } catch {
      let position = range.lowerBound + error.byteOffsets.lowerBound
      throw JSONError(position: position, reason: "expected UTF-8, found something else in a string")
    }
  }

  /// `raw` without its escapes. They have been checked: here nothing can fail.
  private static func unescape(_ raw: Slice<UnsafeRawBufferPointer>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(raw.count)
    var rest = raw
    func takeHexDigits() -> UInt16 {
      defer { rest = rest.dropFirst(4) }
      return rest.prefix(4).reduce(0) { $0 << 4 | hexValue($1)! }
    }
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      switch rest.removeFirst() {
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        var units = [takeHexDigits()]
        if UTF16.isLeadSurrogate(units[0]) {
          rest = rest.dropFirst(2)
          units.append(takeHexDigits())
        }
        text += String(decoding: units, as: UTF16.self).utf8
      case let itself: text.append(itself)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: Numbers

  /// A number of few digits and without an exponent, as most are; nil for others. Its digits as an integer and the power
  /// of ten below them are both exact Doubles, so that the one division rounds once, to the nearest (W. D. Clinger, How
  /// to Read Floating Point Numbers Accurately, https://doi.org/10.1145/93542.93557).
  private static func shortNumber(_ text: Slice<UnsafeRawBufferPointer>) -> Double? {
    var digits: UInt64 = 0
    var divisor = 1.0
    var isFraction = false
    for byte in text where byte != UInt8(ascii: "-") {
      if byte == UInt8(ascii: ".") {
        isFraction = true
        continue
      }
      guard isDigit(byte) else { return nil }
      digits = digits * 10 + UInt64(byte - UInt8(ascii: "0"))
      if isFraction { divisor *= 10 }
      guard digits <= 1 << 53, divisor <= 1e22 else { return nil }
    }
    let value = Double(digits) / divisor
    return text.first == UInt8(ascii: "-") ? -value : value
  }

  /// Checks `[ minus ] int [ frac ] [ exp ]`; what follows the number is the next call's business.
  mutating func scanNumber() throws(JSONError) -> Range<Int> {
    _ = peekAfterSpace()
    let start = position
    if peek() == UInt8(ascii: "-") { position += 1 }
    // "Leading zeros are not allowed."
    if peek() == UInt8(ascii: "0") { position += 1 } else { try scanDigits() }
    if peek() == UInt8(ascii: ".") {
      position += 1
      try scanDigits()
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      position += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
      try scanDigits()
    }
    needsComma = true
    return start..<position
  }

  private mutating func scanDigits() throws(JSONError) {
    let start = position
    while let byte = peek(), Self.isDigit(byte) { position += 1 }
    if position == start { throw unexpected(insteadOf: "a digit") }
  }
}
