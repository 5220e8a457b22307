import TestSupport
import Testing
import TranslationAPI

@Suite("A language tag", .paced, .timeLimit(.minutes(3)))
struct LanguageTagTests {
  /// RFC 5646, appendix A, and the grandfathered tags of its section 2.2.8.
  static let wellFormed = [
    "de", "fr", "ja", "i-enochian", "zh-Hant", "zh-Hans", "sr-Cyrl", "sr-Latn", "zh-cmn-Hans-CN", "cmn-Hans-CN",
    "zh-yue-HK", "yue-HK", "zh-Hans-CN", "sr-Latn-RS", "sl-rozaj", "sl-rozaj-biske", "sl-nedis", "de-CH-1901",
    "sl-IT-nedis", "hy-Latn-IT-arevela", "de-DE", "en-US", "es-419", "de-CH-x-phonebk", "az-Arab-x-AZE-derbend",
    "x-whatever", "qaa-Qaaa-QM-x-southern", "de-Qaaa", "sr-Latn-QM", "sr-Qaaa-RS", "en-US-u-islamcal",
    "zh-CN-a-myext-x-private", "en-a-myext-b-another",
    "en-GB-oed", "i-ami", "i-bnn", "i-default", "i-hak", "i-klingon", "i-lux", "i-mingo", "i-navajo", "i-pwn", "i-tao",
    "i-tay", "i-tsu", "sgn-BE-FR", "sgn-BE-NL", "sgn-CH-DE",
    "art-lojban", "cel-gaulish", "no-bok", "no-nyn", "zh-guoyu", "zh-hakka", "zh-min", "zh-min-nan", "zh-xiang",
  ]

  static let edges = [
    "abcd", "abcdefgh", "zh-abc-abc-abc", "de-1a1a", "de-1996-1901", "de-0-ab", "de-a-ab-abcdefgh-12", "x-1", "x-x-x",
    "x-a-a-a", "de-x-a-x", "de-x-1901-1901", "de-a-bb-x-a-bb-a-bb", "abcde-Latn-DE",
  ]

  static let malformed = [
    "", "-", "d", "1", "12", "d1", "de-", "-de", "de--DE", "de_DE", "de DE", "de ", "*", "de-*", "abcdefghi",
    "de-abcdefghi", "x", "x-", "x-abcdefghi", "i", "i-de", "i-unknown", "de-x", "de-x-", "de-a", "de-a-x-b", "de-a-b",
    "de-DE-Latn", "de-12", "de-DE-abc", "zh-abc-abc-abc-abc", "abcd-abc", "de-abc1", "1901", "dé", "дe", "de\u{0}",
    "de\n", "de-\u{FF21}A", "e\u{301}n",
    // Two regions, a single letter in front, an extension twice: the invalid tags of appendix A.
    "de-419-DE", "a-DE", "ar-a-aaa-b-bbb-a-ccc",
    "de-1901-1901", "sl-rozaj-ROZAJ", "en-a-bbb-A-ccc", "de-1901-Latn", "de-a-bb-1901-x",
    // The Kelvin sign and the dotted İ, of which lower case makes a k and an i with a dot.
    "\u{212A}o", "de-\u{212A}elv", "\u{130}t",
  ]

  @Test(arguments: wellFormed + edges)
  func isKeptAsItWasWritten(_ text: String) {
    #expect(LanguageTag(text)?.description == text)
  }

  @Test(arguments: wellFormed + edges)
  func knowsNoCase(_ text: String) {
    #expect(LanguageTag(text.lowercased()) != nil)
    #expect(LanguageTag(text.uppercased()) != nil)
  }

  @Test(arguments: malformed)
  func refusesWhatIsNotWellFormed(_ text: String) {
    #expect(LanguageTag(text) == nil)
  }

  @Test func isNotEndless() {
    let long = "x" + String(repeating: "-abcdefg", count: 31)
    #expect(LanguageTag(long + "-abcde") != nil)
    #expect(LanguageTag(long + "-abcdef") == nil)
  }

  /// The grammar of section 2.1 as it stands there, but for what it says in words.
  @Test func agreesWithTheGrammar() async throws {
    let grammar = try Regex(
      "([a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
        + "(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[0-9a-wy-z](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?"
        + "|x(-[a-z0-9]{1,8})+")
    let pieces = [
      "de", "sl", "ger", "abc", "abcd", "latn", "at", "419", "12", "1901", "1a2b", "rozaj", "abcdefgh", "abcdefghi",
      "a",
      "u", "0", "x", "x", "",
    ]
    var random = SeededRandom("language tags")
    var accepted = 0
    for round in 0..<4_000 {
      await breathe(round)
      let subtags = (0..<Int.random(in: 1...6, using: &random)).map { _ in pieces.randomElement(using: &random)! }
      let text = subtags.joined(separator: "-")
      let expected = try grammar.wholeMatch(in: text) != nil && !repeatsVariantOrSingleton(subtags)
      #expect((LanguageTag(text) != nil) == expected, "\(text), seed \(random.seed)")
      if expected { accepted += 1 }
    }
    #expect(accepted > 100)
  }

  /// Of a tag that has the form.
  private func repeatsVariantOrSingleton(_ subtags: [String]) -> Bool {
    let beforePrivateUse = subtags.prefix { $0 != "x" }
    let singletons = beforePrivateUse.filter { $0.utf8.count == 1 }
    let variants = beforePrivateUse.dropFirst().prefix { $0.utf8.count != 1 }.filter {
      $0.utf8.count > 4 || $0.first!.isNumber
    }
    .filter { $0.utf8.count > 3 }
    return Set(singletons).count < singletons.count || Set(variants).count < variants.count
  }
}
