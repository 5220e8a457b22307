internal import CCurl
internal import Glibc

/// The status and the few fields of a response head that decide what becomes of it, taken up line by line.
struct ResponseHead {
  private(set) var status = 0
  private(set) var contentType = ""
  private(set) var location: String?
  /// Empty for a body that comes as it is.
  private(set) var contentEncoding = ""
  /// The body comes in chunks.
  private(set) var isChunked = false
  private(set) var retryAfter: Duration?

  /// - Returns: whether that was the empty line that ends the head. The heads of interim responses end unnoticed: all
  ///   of 1xx but 101, which nobody asked for.
  mutating func receive(_ line: UnsafeRawBufferPointer) -> Bool {
    let text = UnsafeRawBufferPointer(
      rebasing: line[..<(line.lastIndex { $0 != 0x0D && $0 != 0x0A } ?? -1).advanced(by: 1)])
    if text.isEmpty { return status >= 200 || status == 101 }
    if text.starts(with: "HTTP/".utf8), let space = text.firstIndex(of: UInt8(ascii: " ")) {
      self = ResponseHead()
      status = text[space...].drop { $0 == UInt8(ascii: " ") }.prefix(3).reduce(0) {
        $0 * 10 + Int($1 &- UInt8(ascii: "0"))
      }
      return false
    }
    guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return false }
    // The field names that matter are short, and most lines are neither.
    guard let name = Field(length: colon, first: text[0]) else { return false }
    let value = String(decoding: text[(colon + 1)...], as: UTF8.self)[...].trimmed
    guard String(decoding: text[..<colon], as: UTF8.self).lowercased() == name.rawValue else { return false }
    switch name {
    case .contentType: contentType = value
    case .location: location = value.isEmpty ? nil : value
    case .contentEncoding: contentEncoding = value.lowercased() == "identity" ? "" : value
    case .transferEncoding: codings(value)
    case .retryAfter: retryAfter = Self.delay(value)
    }
    return false
  }

  private enum Field: String {
    case contentType = "content-type"
    case location
    case contentEncoding = "content-encoding"
    case transferEncoding = "transfer-encoding"
    case retryAfter = "retry-after"

    init?(length: Int, first: UInt8) {
      switch (length, first | 0x20) {
      case (12, UInt8(ascii: "c")): self = .contentType
      case (8, UInt8(ascii: "l")): self = .location
      case (11, UInt8(ascii: "r")): self = .retryAfter
      case (16, UInt8(ascii: "c")): self = .contentEncoding
      case (17, UInt8(ascii: "t")): self = .transferEncoding
      default: return nil
      }
    }
  }

  /// What the transfer added: chunks, and nothing else that was asked for.
  private mutating func codings(_ value: String) {
    for coding in value.split(separator: ",") {
      switch coding.trimmed.lowercased() {
      case "chunked": isChunked = true
      case "identity", "": break
      case let other: contentEncoding = other
      }
    }
  }

  /// RFC 9110, section 10.2.3: Retry-After is a number of seconds or a date.
  private static func delay(_ value: String) -> Duration? {
    if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return .seconds(Int64(value).map { min($0, 1 << 31) } ?? 1 << 31)
    }
    let date = curl_getdate(value, nil)
    guard date >= 0 else { return nil }
    return .seconds(max(0, date - time(nil)))
  }
}
