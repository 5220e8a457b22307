/// Reads a JSON text value by value, as the caller asks for them; strict about RFC 8259.
///
///     var reader = JSONReader(bytes)
///     try reader.beginObject()
///     while let key = try reader.nextKey() {
///       if key == "status" { status = try reader.string() } else { try reader.skip() }
///     }
///     try reader.end()
///
/// After `nextKey` returned a key, and after `nextElement` returned true, the caller reads or skips just one value; for
/// an object or array that means all of it, up to the nil or false. After an error the reader is of no further use.
///
/// A value type: a copy reads on from where the original stood. Valid as long as the buffer is.
package struct JSONReader {
  /// What a value is, by its first byte.
  package enum Kind {
    case object, array, string, number, bool, null
  }

  /// Objects and arrays may stand in each other so deep: it bounds the stack that `skip` needs.
  package static let maximumDepth = 64

  let bytes: UnsafeRawBufferPointer
  var position = 0
  private var depth = 0
  /// A value came before in the object or array that is open: what follows is a comma or the end.
  var needsComma = false

  /// Reads `bytes`, which is UTF-8 without a byte order mark.
  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next value's kind; reads nothing of it.
  package mutating func kind() throws(JSONError) -> Kind {
    switch peekAfterSpace() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: throw unexpected(insteadOf: "a value")
    }
  }

  /// Opens the next value, which must be an object; its members are read by `nextKey` until that returns nil.
  package mutating func beginObject() throws(JSONError) { try begin("{") }

  /// The next member's name with its escapes resolved, or nil at the object's end. Names may come more than once: what
  /// that means is the caller's to say.
  package mutating func nextKey() throws(JSONError) -> String? {
    if try endsContainer("}") { return nil }
    guard peekAfterSpace() == UInt8(ascii: "\"") else { throw unexpected(insteadOf: "a key in quotation marks") }
    let key = try string()
    try expect(":", "':' after a key")
    return key
  }

  /// Opens the next value, which must be an array; `nextElement` goes through it until that returns false.
  package mutating func beginArray() throws(JSONError) { try begin("[") }

  /// True if there is a next element, false at the array's end.
  package mutating func nextElement() throws(JSONError) -> Bool { try !endsContainer("]") }

  /// The next value, `true` or `false`.
  package mutating func bool() throws(JSONError) -> Bool {
    if peekAfterSpace() == UInt8(ascii: "t") {
      try word("true")
      return true
    }
    try word("false")
    return false
  }

  /// Reads the next value, `null`.
  package mutating func null() throws(JSONError) { try word("null") }

  /// Reads the next value, whatever it is, as strictly as if it mattered.
  package mutating func skip() throws(JSONError) {
    switch try kind() {
    case .object:
      try beginObject()
      while try nextKey() != nil { try skip() }
    case .array:
      try beginArray()
      while try nextElement() { try skip() }
    case .string: _ = try scanString()
    case .number: _ = try scanNumber()
    case .bool: _ = try bool()
    case .null: try null()
    }
  }

  /// Throws unless only white space follows. Without this call what stands after the first value goes unseen.
  package mutating func end() throws(JSONError) {
    if peekAfterSpace() != nil { throw unexpected(insteadOf: "the end of the text") }
  }

  // MARK: Pieces

  private mutating func begin(_ bracket: Unicode.Scalar) throws(JSONError) {
    try expect(bracket, "'\(bracket)'")
    guard depth < Self.maximumDepth else {
      throw JSONError(position: position - 1, reason: "more than \(Self.maximumDepth) levels of objects and arrays")
    }
    depth += 1
    needsComma = false
  }

  /// Reads the bracket that closes, or the comma that must be there if a value came before.
  private mutating func endsContainer(_ bracket: Unicode.Scalar) throws(JSONError) -> Bool {
    if peekAfterSpace() == UInt8(ascii: bracket) {
      position += 1
      depth -= 1
      needsComma = true
      return true
    }
    if needsComma {
      try expect(",", "',' or '\(bracket)'")
      needsComma = false
    }
    return false
  }

  private mutating func word(_ word: String) throws(JSONError) {
    _ = peekAfterSpace()
    for expected in word.utf8 {
      guard peek() == expected else { throw unexpected(insteadOf: "the word \(word)") }
      position += 1
    }
    needsComma = true
  }

  mutating func expect(_ character: Unicode.Scalar, _ what: @autoclosure () -> String) throws(JSONError) {
    guard peekAfterSpace() == UInt8(ascii: character) else { throw unexpected(insteadOf: what()) }
    position += 1
  }

  /// The byte after any white space, which it passes; nil at the end of the text.
  mutating func peekAfterSpace() -> UInt8? {
    while let byte = peek() {
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return nil
  }

  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  /// The error for what stands here.
  func unexpected(insteadOf what: String) -> JSONError {
    let found =
      switch peek() {
      case nil: "but the text ends"
      case let byte? where (0x21..<0x7F).contains(byte): "found '\(Character(Unicode.Scalar(byte)))'"
      case let byte?: "found the byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
      }
    return JSONError(position: position, reason: "expected \(what), \(found)")
  }
}
