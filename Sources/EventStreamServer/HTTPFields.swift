/// The header fields of a request or a response: names and values in the order they were sent, repeated ones kept.
///
/// Names are compared without regard to letter case. Nothing that is put in can start a line of its own:
/// control characters in a value become spaces (RFC 9110, 5.5).
public struct HTTPFields: Sendable, Hashable, Sequence, ExpressibleByDictionaryLiteral {
  /// One header field.
  public struct Field: Sendable, Hashable {
    /// In the letter case that was sent or given.
    public let name: String
    /// As it came; of a response, with spaces for control characters.
    public let value: String
  }

  private var fields: [Field] = []

  /// No fields.
  public init() {}

  var isEmpty: Bool { fields.isEmpty }

  /// No fields, with room for some.
  init(capacity: Int) { fields.reserveCapacity(capacity) }

  /// The fields in the literal's order; a name may stand there twice. One that is no token traps.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { append(name, value) }
  }

  /// The fields in their order.
  public func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }

  /// The first value of that name. Setting replaces every field of the name, `nil` removes them.
  public subscript(name: String) -> String? {
    get { fields.first { $0.name.equalsIgnoringCase(name) }?.value }
    set {
      fields.removeAll { $0.name.equalsIgnoringCase(name) }
      if let newValue { append(name, newValue) }
    }
  }

  /// Every value of that name, in order.
  public func values(of name: String) -> [String] {
    fields.compactMap { $0.name.equalsIgnoringCase(name) ? $0.value : nil }
  }

  /// Adds a field after those that are there. The name has to be a token (RFC 9110, 5.6.2); another one traps.
  public mutating func append(_ name: String, _ value: String) {
    precondition(name.isToken, "\"\(name)\" cannot be the name of a header field")
    let isClean = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    fields.append(Field(name: name, value: isClean ? value : value.withControlsAsSpaces))
  }

  /// As a client sent it: libmicrohttpd has parsed it, and whatever it let through is not ours to trap on.
  mutating func appendReceived(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }
}

extension String {
  /// Equal but for the case of ASCII letters.
  func equalsIgnoringCase(_ other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    // Most are written in the usual way, and short strings are compared as numbers.
    if self == other { return true }
    var (left, right) = (utf8.makeIterator(), other.utf8.makeIterator())
    while let byte = left.next() {
      guard byte.lowercasedASCII == right.next()!.lowercasedASCII else { return false }
    }
    return true
  }

  /// RFC 9110, 5.6.2.
  var isToken: Bool {
    let token = ByteSet.token
    return !isEmpty && everyByte { token.contains($0) }
  }

  /// Whether `isGood` of every byte. (`utf8.allSatisfy` walks indices, at several times the cost.)
  @inline(__always)
  func everyByte(_ isGood: (UInt8) -> Bool) -> Bool {
    utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isGood) } ?? utf8.allSatisfy(isGood)
  }

  fileprivate var withControlsAsSpaces: String {
    String(decoding: utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
  }
}

/// Some of the bytes of ASCII.
struct ByteSet: Sendable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  init(_ bytes: String) {
    for byte in bytes.utf8 {
      precondition(byte < 128, "a byte of ASCII")
      if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
    }
  }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    byte < 128 && (byte < 64 ? low : high) & (1 << UInt64(byte & 63)) != 0
  }

  /// RFC 9110, 5.6.2.
  static let token = ByteSet("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
}

extension UInt8 {
  fileprivate var lowercasedASCII: UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self ? self | 0x20 : self
  }
}
