extension Access {
  /// The tokens of a file: one a line; empty lines and those that begin with `#` are passed over. Several are good side
  /// by side, so that one can take another's place.
  ///
  /// Throws if there is none, or one that could not be sent (RFC 6750, 2.1).
  public static func tokens(in text: String) throws(AccessError) -> [String] {
    var tokens: [String] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let token = String(line.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" })
      guard !token.isEmpty, !token.hasPrefix("#") else { continue }
      guard line.allSatisfy({ $0.isASCII }), line.split(whereSeparator: { $0 == " " || $0 == "\t" }).count == 1,
        isToken(token)
      else {
        throw AccessError("line \(index + 1) is no token: letters, digits and - . _ ~ + / at its end also =")
      }
      tokens.append(token)
    }
    // Who names a file wants a lock, and an empty one would be an open door.
    guard !tokens.isEmpty else { throw AccessError("there is no token in it") }
    return tokens
  }

  /// `b64token` of RFC 6750.
  static func isToken(_ text: String) -> Bool {
    var rest = text.utf8[...]
    while rest.last == UInt8(ascii: "=") { rest.removeLast() }
    return !rest.isEmpty
      && rest.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"):
          true
        default: "-._~+/".utf8.contains(byte)
        }
      }
  }
}
