/// A well-formed language tag by BCP 47 (RFC 5646, section 2.1), kept as it was written.
///
///     LanguageTag("zh-Hant-TW")    // Chinese in traditional characters, as in Taiwan
///     LanguageTag("deutsch-")      // nil
package struct LanguageTag: Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init?(_ text: String) {
    guard text.utf8.count <= 255, Self.isWellFormed(text) else { return nil }
    description = text
  }

  private static func isWellFormed(_ text: String) -> Bool {
    let tag = text.lowercased()
    if irregular.contains(tag) { return true }
    var rest = tag.split(separator: "-", omittingEmptySubsequences: false)[...]
    guard rest.allSatisfy({ 1...8 ~= $0.utf8.count && $0.utf8.allSatisfy(\.isLetterOrDigit) }) else { return false }
    if rest.first == "x" { return rest.count > 1 }

    // langtag = language ["-" script] ["-" region] *("-" variant) *("-" extension) ["-" privateuse]
    guard let language = rest.popFirst(), language.utf8.count >= 2, language.isLetters else { return false }
    if language.utf8.count <= 3 {
      var extended = 0
      while extended < 3, let next = rest.first, next.utf8.count == 3, next.isLetters {
        rest.removeFirst()
        extended += 1
      }
    }
    if let next = rest.first, next.utf8.count == 4, next.isLetters { rest.removeFirst() }
    if let next = rest.first, next.utf8.count == 2 && next.isLetters || next.utf8.count == 3 && next.isDigits {
      rest.removeFirst()
    }
    var variants: Set<Substring> = []
    while let next = rest.first, next.isVariant {
      // "The same variant subtag MUST NOT be used more than once within a language tag" (2.2.5).
      guard variants.insert(next).inserted else { return false }
      rest.removeFirst()
    }
    var singletons: Set<Substring> = []
    while let singleton = rest.first, singleton.utf8.count == 1, singleton != "x" {
      // "Each singleton subtag MUST appear at most one time in each tag (other than as a private use subtag)" (2.2.6).
      guard singletons.insert(singleton).inserted else { return false }
      rest.removeFirst()
      guard let first = rest.first, first.utf8.count >= 2 else { return false }
      rest = rest.drop { $0.utf8.count >= 2 }
    }
    return rest.isEmpty || rest.first == "x" && rest.count > 1
  }

  /// Registered before the grammar was, and not by it.
  private static let irregular: Set = [
    "en-gb-oed", "i-ami", "i-bnn", "i-default", "i-enochian", "i-hak", "i-klingon", "i-lux", "i-mingo", "i-navajo",
    "i-pwn", "i-tao", "i-tay", "i-tsu", "sgn-be-fr", "sgn-be-nl", "sgn-ch-de",
    // These have the form of the grammar, if not its meaning.
    "art-lojban", "cel-gaulish", "no-bok", "no-nyn", "zh-guoyu", "zh-hakka", "zh-min", "zh-min-nan", "zh-xiang",
  ]
}

extension Substring {
  fileprivate var isLetters: Bool { utf8.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 } }
  fileprivate var isDigits: Bool { utf8.allSatisfy(\.isDigit) }

  /// 5 to 8 letters or digits, or 4 of which the first is a digit.
  fileprivate var isVariant: Bool { utf8.count >= 5 || utf8.count == 4 && utf8.first!.isDigit }
}

extension UInt8 {
  fileprivate var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
  fileprivate var isLetterOrDigit: Bool { isDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }
}
