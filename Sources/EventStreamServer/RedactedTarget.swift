/// A request's target as it may be shown to others: without the token that a client has put into its query, as those do
/// that cannot set a header (RFC 6750, 2.3).
enum RedactedTarget {
  private static let name = Array("access_token".utf8)

  static func text(_ target: String) -> String {
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return target }
    let query = target.utf8[target.utf8.index(after: mark)...]
    // As a whole: hidden too where it is one of several, or of a fragment that should not be there. By bytes: to a String
    // an ampersand may be a part of what stands before it.
    let pairs = query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).map { pair -> Substring in
      let name = pair.prefix { $0 != UInt8(ascii: "=") }
      return isToken(name) && name.endIndex < pair.endIndex ? "\(Substring(name))=***" : Substring(pair)
    }
    return String(target[...mark]) + pairs.joined(separator: "&")
  }

  /// Whether the parameter's name is the token's once it is decoded: `access%5Ftoken` is.
  private static func isToken(_ text: Substring.UTF8View) -> Bool {
    var rest = text
    var decoded: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%"), let high = rest.first?.hexValue, let low = rest.dropFirst().first?.hexValue
      else {
        decoded.append(byte)
        continue
      }
      decoded.append(high << 4 | low)
      rest = rest.dropFirst(2)
    }
    return decoded == name
  }
}

extension UInt8 {
  fileprivate var hexValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
