import Foundation
import Testing
import TestSupport
import TranslationAPI

/// Reads all of `text`; the reader's own verdict.
private func verdict(_ text: [UInt8]) -> JSONError? {
  text.withUnsafeBytes { bytes in
    do throws(JSONError) {
      var reader = JSONReader(bytes)
      try reader.skip()
      try reader.end()
      return nil
    } catch {
      return error
    }
  }
}

private func foundationAccepts(_ text: [UInt8]) -> Bool {
  (try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)) != nil
}

@Suite("Reading JSON", .paced, .timeLimit(.minutes(3)))
struct JSONReaderTests {
  static let valid: [String] = [
    "{}", "[]", "[[]]", "[{}]", "{\"\":[]}", " [ ] ", "\t\r\n{ \n}\n", "null", "true", "false", "\"\"", "0", "-0",
    "10", "1.5", "-1.25e+10", "1E5", "1e-5", "0e0", "0.0", "[1,2,3]", "[ 1 , 2 ]", "{\"a\":1,\"b\":2}",
    "{ \"a\" : 1 }", "{\"a\":1,\"a\":2}", "[null,true,false,\"x\",{},[]]", #""\"\\\/\b\f\n\r\t""#, #""\u0000""#,
    #""\u00e9\uD83C\uDFAC""#, "\"\u{7F}\"", "\"é€🎬\u{2028}\"", "\"\u{FFFF}\"", "[123456789012345678901234567890]",
    "[1.7976931348623157e308]", "[5e-324]", deep(64),
  ]

  static let invalid: [String] = [
    "", " ", "{", "}", "[", "]", "[1", "[1,", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1]]", "[1}", "{\"a\"}",
    "{\"a\":}", "{,\"a\":1}", "{\"a\":1 \"b\":2}", "{\"a\":1,,\"b\":2}", "{a:1}", "{'a':1}", "{1:2}",
    "{\"a\" 1}", "{\"a\"::1}", "[\"a\":1]", "[1]x", "1 2", "nul", "nulll", "NULL", "True", "tru", "falsy", "NaN",
    "Infinity", "-Infinity", "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e5", "1e", "1e+", "1E-", "1ee5",
    "0x10", "1_000", "1,5", "--1", "1-", "\"", "\"a", "\"a\\", "\"\\x\"", "\"\\u\"", "\"\\u12\"", "\"\\u12G4\"",
    "\"\\U0041\"", "\"\\\u{0}\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", "'a'", "\"a\"b", "// c\n1", "/**/1", "#1",
    "[1]\u{0}", "\u{C}[]", "\u{A0}[]", "\u{2028}[]", #""\ud800""#, #""\udc00""#, #""\ud800\n""#, #""\ud800\u0041""#,
    #""\ud800\ud800""#, #""\ud83c\udfa""#,
  ]

  static let invalidBytes: [[UInt8]] = [
    [0x22, 0xFF, 0x22], [0x22, 0x80, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xE2, 0x82, 0x22], [0x5B, 0xFF, 0x5D],
    [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x5B, 0x31, 0x2C, 0xE9, 0x5D],
  ]

  static func deep(_ levels: Int) -> String {
    String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
  }

  @Test(arguments: valid)
  func acceptsWhatIsJSON(_ text: String) {
    #expect(verdict(Array(text.utf8)) == nil)
    #expect(foundationAccepts(Array(text.utf8)))
  }

  @Test(arguments: invalid.map { Array($0.utf8) } + invalidBytes)
  func refusesWhatIsNot(_ text: [UInt8]) {
    #expect(verdict(text) != nil)
    #expect(!foundationAccepts(text))
  }

  /// Foundation takes a comma before a closing bracket, and guesses at UTF-16 where a byte is 0; the standard doesn't.
  @Test(arguments: ["[1,]", "[1 , ]", "{\"a\":1,}", "{\"a\":1\n,\n}", "1\u{0}", "\u{0}1"])
  func refusesAlsoWhatFoundationTakes(_ text: String) {
    #expect(verdict(Array(text.utf8)) != nil)
    #expect(foundationAccepts(Array(text.utf8)))
  }

  @Test(arguments: [
    ("[1,]", 3, "expected a value, found ']'"),
    ("{\"a\" 1}", 5, "expected ':' after a key, found '1'"),
    ("[1 2]", 3, "expected ',' or ']', found '2'"),
    ("[tru3]", 4, "expected the word true, found '3'"),
    ("-x", 1, "expected a digit, found 'x'"),
    ("\"a", 2, "expected '\"' at the end of a string, but the text ends"),
    ("\"\\q\"", 2, "expected one of \" \\ / b f n r t u after a backslash, found 'q'"),
    ("\"\\u00g0\"", 5, "expected four hex digits after \\u, found 'g'"),
    ("\"ab\\ud800\"", 3, "expected a surrogate pair, found half of one"),
    ("\"\n\"", 1, "expected an escape for a control character in a string, found the byte 0x0A"),
    ("\u{FEFF}{}", 0, "expected a value, found the byte 0xEF"),
    (String(repeating: "[", count: 65), 64, "more than 64 levels of objects and arrays"),
  ])
  func saysWhereAndWhatWasExpected(_ text: String, _ position: Int, _ reason: String) {
    let error = verdict(Array(text.utf8))
    #expect(error?.position == position && error?.reason == reason)
  }

  @Test func saysWhereAStringIsNotUTF8() {
    let error = verdict(Array("[\"é\\n".utf8) + [0xC3, 0x28] + Array("\"]".utf8))
    #expect(error?.description == "expected UTF-8, found something else in a string, at byte 6")
  }

  @Test func aDeepTextNeitherPassesNorOverflowsTheStack() {
    #expect(verdict([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) != nil)
    #expect(verdict(Array(String(repeating: "{\"a\":", count: 100_000).utf8)) != nil)
  }

  @Test func readsValuesInTheirOrder() throws {
    let text: [UInt8] = Array(#" {"a":[1,"two",true,null,false,{}],"b":-2.5e1} "#.utf8)
    try text.withUnsafeBytes { bytes in
      var reader = JSONReader(bytes)
      try reader.beginObject()
      #expect(try reader.nextKey() == "a")
      #expect(try reader.kind() == .array)
      try reader.beginArray()
      #expect(try reader.nextElement() && reader.number() == 1)
      #expect(try reader.nextElement() && reader.string() == "two")
      #expect(try reader.nextElement() && reader.bool())
      #expect(try reader.nextElement() && reader.kind() == .null)
      try reader.null()
      #expect(try reader.nextElement() && !reader.bool())
      #expect(try reader.nextElement())
      try reader.beginObject()
      #expect(try reader.nextKey() == nil)
      #expect(try !reader.nextElement())
      #expect(try reader.nextKey() == "b")
      #expect(try reader.number() == -25)
      #expect(try reader.nextKey() == nil)
      try reader.end()
    }
  }

  @Test func aValueOfAnotherKindIsAnError() {
    Array(" 1".utf8).withUnsafeBytes { bytes in
      func description(_ read: (inout JSONReader) throws -> Void) -> String? {
        var reader = JSONReader(bytes)
        do {
          try read(&reader)
          return nil
        } catch {
          return "\(error)"
        }
      }
      #expect(description { _ = try $0.string() } == "expected a string, found '1', at byte 1")
      #expect(description { try $0.beginObject() } == "expected '{', found '1', at byte 1")
      #expect(description { try $0.beginArray() } == "expected '[', found '1', at byte 1")
      #expect(description { try $0.null() } == "expected the word null, found '1', at byte 1")
    }
  }
}
