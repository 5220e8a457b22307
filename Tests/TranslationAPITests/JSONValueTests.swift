import TestSupport
import Testing
import TranslationAPI

@Suite("Any JSON as a value", .paced, .timeLimit(.minutes(3)))
struct JSONValueTests {
  private func read(_ json: String) throws(JSONError) -> JSONValue { try JSONValue(json: Array(json.utf8)) }

  @Test func keepsAllOfIt() throws {
    #expect(
      try read(#" {"a":[1,"two",true,null,{"b":{}}],"":-2.5e1} "#)
        == .object([
          "a": .array([.number(1), .string("two"), .bool(true), .null, .object(["b": .object([:])])]), "": .number(-25),
        ]))
    #expect(try read("false") == .bool(false))
    #expect(try read(JSONReaderTests.deep(JSONReader.maximumDepth)) != .array([]))
  }

  @Test func theLastOfSeveralMembersWithOneNameCounts() throws {
    #expect(try read(#"{"a":1,"b":2,"\u0061":[]}"#) == .object(["a": .array([]), "b": .number(2)]))
  }

  @Test func isOfOneKindOnly() throws {
    for json in ["\"a\"", "1", "true", "null", "[]", "{}"] {
      let value = try read(json)
      #expect((value.string != nil) == (json == "\"a\""))
      #expect((value.number != nil) == (json == "1"))
      #expect((value.array != nil) == (json == "[]"))
      #expect((value.object != nil) == (json == "{}"))
    }
  }

  @Test(arguments: JSONReaderTests.valid)
  func takesWhatTheReaderTakes(_ json: String) {
    #expect(throws: Never.self) { try read(json) }
  }

  @Test(arguments: JSONReaderTests.invalid)
  func refusesWhatTheReaderRefuses(_ json: String) {
    #expect(throws: JSONError.self) { try read(json) }
  }
}
