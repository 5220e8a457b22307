import TestSupport
import Testing
import TranslationAPI

@Suite("A translation that is asked for", .paced, .timeLimit(.minutes(3)))
struct NewTranslationTests {
  private func read(_ json: String) throws(BodyError) -> NewTranslation {
    try NewTranslation(json: Array(json.utf8))
  }

  @Test func writesWhatThereIs() {
    #expect(NewTranslation(source: "de", target: "en").json == #"{"source":"de","target":"en"}"#)
    let full = NewTranslation(
      source: "de", target: "zh-Hant", title: "Faust \"I\"",
      simulation: .init(seconds: 2.5, failure: "no", steps: 4))
    #expect(
      full.json
        == #"{"source":"de","target":"zh-Hant","title":"Faust \"I\"","simulate":{"seconds":2.5,"fail":"no","steps":4}}"#
    )
  }

  @Test(arguments: [
    NewTranslation(source: "de", target: "en"), NewTranslation(source: "DE", target: "x-ein", title: ""),
    NewTranslation(source: "de", target: "en", simulation: .init(seconds: 0)),
    NewTranslation(source: "i-klingon", target: "en", title: "é🎬", simulation: .init(seconds: 0.1, failure: "a\nb")),
    NewTranslation(source: "de", target: "en", simulation: .init(seconds: 31_536_000, failure: "", steps: 10_000)),
  ])
  func readsWhatItWrites(_ new: NewTranslation) throws {
    #expect(try read(new.json) == new)
    #expect(NewTranslation(try JSONValue(json: Array(new.json.utf8))) == new)
  }

  @Test func ignoresMembersItDoesNotKnow() throws {
    let json = #"{"priority":[{"source":1}],"target":"en","id":null,"source":"de","simulate":{"seconds":1,"x":[]}}"#
    #expect(try read(json) == NewTranslation(source: "de", target: "en", simulation: .init(seconds: 1)))
  }

  @Test func theLastOfSeveralMembersWithOneNameCounts() throws {
    let json =
      #"{"source":7,"source":"de","target":"fr","target":"en","title":1,"title":"a","simulate":1,"simulate":null}"#
    #expect(try read(json) == NewTranslation(source: "de", target: "en", title: "a"))
  }

  @Test func nullCountsAsAbsent() throws {
    let json = #"{"source":"de","target":"en","title":null,"simulate":{"seconds":1,"fail":null,"steps":null}}"#
    #expect(try read(json) == NewTranslation(source: "de", target: "en", simulation: .init(seconds: 1)))
    #expect(throws: BodyError.self) { try read(#"{"source":"de","target":null}"#) }
  }

  @Test(arguments: [
    ("true", "The translation failed."), ("false", nil), (#""""#, ""), (#""no\nsuch page""#, "no\nsuch page"),
  ])
  func failsWithWordsOfItsOwnOrWithoutAny(_ fail: String, _ message: String?) throws {
    let new = try read(#"{"source":"de","target":"en","simulate":{"seconds":1,"fail":\#(fail)}}"#)
    #expect(new.simulation == .init(seconds: 1, failure: message))
  }

  @Test func charactersAreCountedNotBytes() throws {
    func title(_ title: String) throws -> String? {
      try read(NewTranslation(source: "de", target: "en", title: title).json).title
    }
    #expect(try title(String(repeating: "🎬", count: 200)) != nil)
    #expect(throws: BodyError.self) { try title(String(repeating: "🎬", count: 201)) }
    // A letter with its accent are two characters of Unicode, if one on paper.
    #expect(throws: BodyError.self) { try title(String(repeating: "e\u{301}", count: 101)) }
  }

  static let invalid: [(json: String, field: String)] = [
    (#"{}"#, "source"),
    (#"{"source":"de"}"#, "target"),
    (#"{"source":"","target":"en"}"#, "source"),
    (#"{"source":"de","target":["en"]}"#, "target"),
    (#"{"source":"de","target":"de-419-DE"}"#, "target"),
    (#"{"source":"de","target":"en","title":1}"#, "title"),
    (#"{"source":"de","target":"en","title":"a\nb"}"#, "title"),
    (#"{"source":"de","target":"en","title":"a\u0085b"}"#, "title"),
    (#"{"source":"de","target":"en","simulate":3}"#, "simulate"),
    (#"{"source":"de","target":"en","simulate":[]}"#, "simulate"),
    (#"{"source":"de","target":"en","simulate":{}}"#, "simulate.seconds"),
    (#"{"source":"de","target":"en","simulate":{"seconds":"3"}}"#, "simulate.seconds"),
    (#"{"source":"de","target":"en","simulate":{"seconds":-0.001}}"#, "simulate.seconds"),
    (#"{"source":"de","target":"en","simulate":{"seconds":31536000.1}}"#, "simulate.seconds"),
    (#"{"source":"de","target":"en","simulate":{"seconds":1e999}}"#, "simulate.seconds"),
    (#"{"source":"de","target":"en","simulate":{"seconds":1,"fail":1}}"#, "simulate.fail"),
    (#"{"source":"de","target":"en","simulate":{"seconds":1,"fail":{}}}"#, "simulate.fail"),
    (#"{"source":"de","target":"en","simulate":{"seconds":1,"steps":1.5}}"#, "simulate.steps"),
    (#"{"source":"de","target":"en","simulate":{"seconds":1,"steps":-1}}"#, "simulate.steps"),
    (#"{"source":"de","target":"en","simulate":{"seconds":1,"steps":1e18}}"#, "simulate.steps"),
    (#"{"source":"de","target":"en","simulate":{"seconds":1,"steps":true}}"#, "simulate.steps"),
  ]

  @Test(arguments: invalid)
  func namesTheFieldThatIsWrong(_ json: String, _ field: String) {
    do throws(BodyError) {
      Issue.record("taken: \(try read(json))")
    } catch {
      #expect(error.problem.status == 422 && error.problem.field == field && error.problem.position == nil)
      #expect(error.problem.detail.hasPrefix("\"\(field)\" has to be ") && error.problem.detail.hasSuffix("."))
    }
    #expect((try? JSONValue(json: Array(json.utf8))).flatMap(NewTranslation.init) == nil)
  }

  @Test func aTextThatIsNotJSONIsCalledJustThatWhateverStandsInIt() {
    do throws(BodyError) {
      Issue.record("taken: \(try read(#"{"source":1"#))")
    } catch {
      #expect(
        error.problem.json
          == #"{"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not JSON: expected ',' "#
          + #"or '}', but the text ends, at byte 11.","position":11}"#)
    }
  }

  @Test(arguments: ["[]", "null", "\"de\"", " 7 ", "true"])
  func jsonThatIsNoObjectHasNoFieldToBlame(_ json: String) {
    #expect(throws: BodyError.invalid(field: nil, "The body has to be a JSON object.")) { try read(json) }
  }

  @Test func aPieceOfABodyIsNeverABody() {
    let whole = Array(
      NewTranslation(source: "de", target: "en", title: "é", simulation: .init(seconds: 1, failure: "x")).json.utf8)
    for count in whole.indices {
      #expect(throws: BodyError.self) { try NewTranslation(json: Array(whole[..<count])) }
    }
  }
}
