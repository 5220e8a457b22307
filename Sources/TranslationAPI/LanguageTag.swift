/// A well-formed language tag by BCP 47 (RFC 5646, section 2.1), kept as it was written.
///
///     LanguageTag("zh-Hant-TW")    // Chinese in traditional characters, as in Taiwan
///     LanguageTag("deutsch-")      // nil
///
/// Well-formed is not valid: whether the subtags are registered nobody looks up.
package struct LanguageTag: Sendable, Hashable, CustomStringConvertible {
  package let description: String

  /// Nil if it is not well-formed, or longer than 255 bytes: the grammar sets no limit.
  package init?(_ text: String) {
    guard text.utf8.count <= 255, Self.isWellFormed(text) else { return nil }
    description = text
  }

  private typealias Subtag = ArraySlice<UInt8>

  private static func isWellFormed(_ text: String) -> Bool {
    // Byte by byte, as `lowercased()` makes ASCII of what is none: of the Kelvin sign, a "k".
    let tag = text.utf8.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
    let subtags = tag.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard subtags.allSatisfy({ 1...8 ~= $0.count && $0.allSatisfy(\.isLetterOrDigit) }) else { return false }
    if isLanguageTag(subtags[...]) || isPrivateUse(subtags[...]) { return true }
    return irregular.contains { $0.utf8.elementsEqual(tag) }
  }

  /// `langtag = language ["-" script] ["-" region] *("-" variant) *("-" extension) ["-" privateuse]`
  private static func isLanguageTag(_ subtags: ArraySlice<Subtag>) -> Bool {
    var rest = subtags
    guard let language = rest.popFirst(), language.count >= 2, language.isLetters else { return false }
    if language.count <= 3 {
      // extlang = 3ALPHA *2("-" 3ALPHA)
      for _ in 0..<3 { rest.skip { $0.count == 3 && $0.isLetters } }
    }
    // script = 4ALPHA; region = 2ALPHA / 3DIGIT
    rest.skip { $0.count == 4 && $0.isLetters }
    rest.skip { $0.count == 2 && $0.isLetters || $0.count == 3 && $0.isDigits }

    var variants: [Subtag] = []
    while let variant = rest.first, variant.isVariant {
      // "The same variant subtag MUST NOT be used more than once within a language tag." — 2.2.5
      guard !variants.contains(variant) else { return false }
      variants.append(variant)
      rest.removeFirst()
    }

    var singletons: [Subtag] = []
    while let singleton = rest.first, singleton.count == 1, !singleton.isX {
      // "Each singleton subtag MUST appear at most one time in each tag (other than as a private use subtag)." — 2.2.6
      guard !singletons.contains(singleton) else { return false }
      singletons.append(singleton)
      // extension = singleton 1*("-" (2*8alphanum))
      let content = rest.dropFirst().prefix { $0.count >= 2 }
      if content.isEmpty { return false }
      rest = rest[content.endIndex...]
    }
    return rest.isEmpty || isPrivateUse(rest)
  }

  /// `privateuse = "x" 1*("-" (1*8alphanum))`
  private static func isPrivateUse(_ subtags: ArraySlice<Subtag>) -> Bool {
    subtags.first?.isX == true && subtags.count > 1
  }

  /// Registered before the grammar was, and against it. The other grandfathered tags, like `zh-min-nan`, have its form.
  private static let irregular = [
    "en-gb-oed", "i-ami", "i-bnn", "i-default", "i-enochian", "i-hak", "i-klingon", "i-lux", "i-mingo", "i-navajo",
    "i-pwn", "i-tao", "i-tay", "i-tsu", "sgn-be-fr", "sgn-be-nl", "sgn-ch-de",
  ]
}

extension ArraySlice {
  /// Passes the first element if it is such a one.
  fileprivate mutating func skip(if isOne: (Element) -> Bool) {
    if let first, isOne(first) { removeFirst() }
  }
}

extension ArraySlice<UInt8> {
  fileprivate var isLetters: Bool { allSatisfy { !$0.isDigit } }
  fileprivate var isDigits: Bool { allSatisfy(\.isDigit) }
  fileprivate var isX: Bool { count == 1 && first == UInt8(ascii: "x") }

  /// `5*8alphanum / (DIGIT 3alphanum)`
  fileprivate var isVariant: Bool { count >= 5 || count == 4 && first!.isDigit }
}

extension UInt8 {
  fileprivate var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
  fileprivate var isLetterOrDigit: Bool { isDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }
}
