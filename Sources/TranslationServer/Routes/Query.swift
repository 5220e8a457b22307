/// The names and values of a URL's query (https://url.spec.whatwg.org/#concept-urlencoded-parser).
struct Query {
  private let pairs: [(name: String, value: String)]

  init(_ text: String?) {
    // By bytes: to a String an ampersand may be a part of what stands before it.
    pairs = (text ?? "").utf8.split(separator: UInt8(ascii: "&")).map { pair in
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      return (Self.decode(parts[0]), parts.count > 1 ? Self.decode(parts[1]) : "")
    }
  }

  /// In order.
  func values(of name: String) -> [String] {
    pairs.compactMap { $0.name == name ? $0.value : nil }
  }

  /// `%41` is `A`, `+` a space; a per cent sign that is not followed by two digits stands for itself.
  private static func decode(_ text: Substring.UTF8View) -> String {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(digit),
        let low = rest.dropFirst().first.flatMap(digit)
      {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    UInt8(String(UnicodeScalar(byte)), radix: 16)
  }
}
