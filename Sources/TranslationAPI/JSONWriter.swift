/// Writes one JSON object, on one line and without spaces; members stand in the order of the calls.
///
///     JSONWriter.object { object in
///       object.member("type", "message")
///       object.member("id", lastEventID)  // nothing if nil
///     }
package struct JSONWriter {
  private var bytes: [UInt8] = []

  private init() {
    bytes.reserveCapacity(256)
    bytes.append(UInt8(ascii: "{"))
  }

  /// The text of the object whose members `write` adds. It holds no CR and no LF, whatever the values hold.
  package static func object(_ write: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    write(&writer)
    writer.bytes.append(UInt8(ascii: "}"))
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Adds a string, or nothing for nil.
  package mutating func member(_ key: String, _ value: String?) {
    guard let value else { return }
    append(key: key)
    append(string: value)
  }

  /// Adds a number in the fewest digits that read back as the same Double, or nothing for nil. Traps if it isn't finite.
  package mutating func member(_ key: String, _ value: Double?) {
    guard let value else { return }
    precondition(value.isFinite, "JSON has no \(value): \"\(key)\" must be a finite number")
    append(key: key)
    // Swift's description of a finite Double (-0.0, 1e-07, 1.5e+300) is a number by JSON's grammar too.
    bytes += value.description.utf8
  }

  /// Adds an integer.
  package mutating func member(_ key: String, _ value: Int) {
    append(key: key)
    bytes += value.description.utf8
  }

  /// Adds a value that is JSON already, or nothing for nil.
  package mutating func member(_ key: String, json: String?) {
    guard let json else { return }
    append(key: key)
    bytes += json.utf8
  }

  private mutating func append(key: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    append(string: key)
    bytes.append(UInt8(ascii: ":"))
  }

  /// "All Unicode characters may be placed within the quotation marks, except for the characters that MUST be escaped:
  /// quotation mark, reverse solidus, and the control characters (U+0000 through U+001F)." — RFC 8259, section 7.
  /// The other control characters, DEL and U+0080 through U+009F, may be escaped, and are: a terminal obeys them.
  private mutating func append(string: String) {
    bytes.append(UInt8(ascii: "\""))
    if string.utf8.allSatisfy(Self.isPlain) {
      // Most have nothing to escape: these are copied at one stroke.
      bytes += string.utf8
    } else {
      appendEscaped(string)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Whether the byte needs no second look, whatever comes before or after. 0xC2 leads U+0080 through U+00BF.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != 0x7F && byte != 0xC2
  }

  private mutating func appendEscaped(_ string: String) {
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += #"\""#.utf8
      case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
      case 0x08: bytes += #"\b"#.utf8
      case 0x09: bytes += #"\t"#.utf8
      case 0x0A: bytes += #"\n"#.utf8
      case 0x0C: bytes += #"\f"#.utf8
      case 0x0D: bytes += #"\r"#.utf8
      case 0..<0x10: bytes += "\\u000\(String(byte, radix: 16))".utf8
      case 0x80..<0xA0 where bytes.last == 0xC2:
        bytes[bytes.count - 1] = UInt8(ascii: "\\")
        bytes += "u00\(String(byte, radix: 16))".utf8
      case 0x10..<0x20, 0x7F: bytes += "\\u00\(String(byte, radix: 16))".utf8
      default: bytes.append(byte)
      }
    }
  }
}
