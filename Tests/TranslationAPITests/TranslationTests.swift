import TestSupport
import Testing
import TranslationAPI

@Suite("A translation as JSON", .paced, .timeLimit(.minutes(3)))
struct TranslationTests {
  static let running = Translation(
    id: "a", source: "de", target: "zh-Hant", title: "Faust", created: 1_733_752_895.5,
    statusURL: "/translations/a/status",
    latest: StatusUpdate(status: .running, timestamp: 1_733_752_896, progress: 0.5, message: "page 1", job: "a"))
  static let pending = Translation(
    id: "b", source: "de", target: "en", created: 7, statusURL: "https://a.example/translations/b/status",
    latest: StatusUpdate(status: .pending, timestamp: 7, job: "b"))

  @Test func writesWhatItIsThenItsStatus() {
    #expect(
      Self.running.json
        == #"{"id":"a","source":"de","target":"zh-Hant","title":"Faust","created":1733752895.5,"#
        + #""status_url":"/translations/a/status","status":"running","timestamp":1733752896.0,"progress":0.5,"#
        + #""message":"page 1"}"#)
  }

  @Test(arguments: [running, pending])
  func readsWhatItWrites(_ translation: Translation) {
    #expect(Translation(json: Array(translation.json.utf8)) == translation)
  }

  @Test func itsStatusIsThatOfItsOwnJob() {
    let json = #"{"job":"x","# + Self.pending.json.dropFirst()
    #expect(Translation(json: Array(json.utf8)) == Self.pending)
  }

  @Test func whatOnlyAdornsItCountsAsAbsentWhenItDoesNotFit() {
    let json = Self.pending.json.dropLast() + #","title":7,"progress":2,"message":null,"new":[{}]}"#
    #expect(Translation(json: Array(json.utf8)) == Self.pending)
  }

  @Test(arguments: ["id", "source", "target", "created", "status_url", "status", "timestamp"])
  func isNoneWithoutEachOfItsMembers(_ name: String) {
    let json = Self.pending.json.replacing("\"\(name)\":", with: "\"-\(name)\":")
    #expect(json != Self.pending.json)
    #expect(Translation(json: Array(json.utf8)) == nil)
  }

  @Test(arguments: [
    #""created":1e999"#, #""created":"7""#, #""timestamp":-1e999"#, #""status":"done""#, #""id":1"#, #""source":null"#,
  ])
  func isNoneWithAMemberOfAnotherKind(_ member: String) {
    #expect(Translation(json: Array((Self.pending.json.dropLast() + ",\(member)}").utf8)) == nil)
  }

  @Test func aTimeThatIsNoneTraps() async {
    await #expect(processExitsWith: .failure) {
      _ = Translation(
        id: "", source: "", target: "", created: .infinity, statusURL: "",
        latest: StatusUpdate(status: .pending, timestamp: 0))
    }
  }

  @Test func aPageOfAListNamesTheNext() {
    let page = TranslationList(translations: [Self.running, Self.pending], next: "7-a")
    #expect(page.json == #"{"translations":[\#(Self.running.json),\#(Self.pending.json)],"next":"7-a"}"#)
    #expect(TranslationList(json: Array(page.json.utf8)) == page)
    let last = TranslationList(translations: [])
    #expect(last.json == #"{"translations":[]}"#)
    #expect(TranslationList(json: Array(last.json.utf8)) == last)
  }

  @Test(arguments: ["", "[]", "{}", #"{"translations":{}}"#, #"{"translations":[{}]}"#, #"{"translations":[],}"#])
  func whatIsNoListIsNone(_ json: String) {
    #expect(TranslationList(json: Array(json.utf8)) == nil)
  }
}

@Suite("A status with its id as JSON", .paced, .timeLimit(.minutes(3)))
struct PublishedUpdateTests {
  @Test func itsIdStandsBeforeTheStatus() {
    let published = PublishedUpdate(
      id: "EPOCH-7", update: StatusUpdate(status: .error, timestamp: 1.5, progress: 1, message: "no", job: "a"))
    #expect(
      published.json == #"{"id":"EPOCH-7","status":"error","timestamp":1.5,"progress":1.0,"message":"no","job":"a"}"#)
    #expect(PublishedUpdate(json: Array(published.json.utf8)) == published)
  }

  @Test(arguments: [
    "", "[]", #"{"status":"pending","timestamp":1}"#, #"{"id":7,"status":"pending","timestamp":1}"#,
    #"{"id":"EPOCH-7","status":"paused","timestamp":1}"#, #"{"id":"EPOCH-7","status":"pending"}"#,
  ])
  func whatIsNoneIsNone(_ json: String) {
    #expect(PublishedUpdate(json: Array(json.utf8)) == nil)
  }
}
