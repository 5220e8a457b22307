import Testing
import TestSupport
import TranslationAPI

@Suite("A status update as JSON", .paced, .timeLimit(.minutes(3)))
struct StatusUpdateTests {
  @Test func writesStatusAndTimestampWithoutSpaces() {
    let update = StatusUpdate(status: .pending, timestamp: 1_733_752_895.6343958)
    #expect(update.json == #"{"status":"pending","timestamp":1733752895.6343958}"#)
  }

  @Test func writesWhatElseThereIsAfterThem() {
    let update = StatusUpdate(status: .error, timestamp: 0, progress: 0.25, message: "no \"voice\"\n", job: "a/b")
    #expect(
      update.json
        == #"{"status":"error","timestamp":0.0,"progress":0.25,"message":"no \"voice\"\n","job":"a/b"}"#)
  }

  @Test(arguments: TranslationStatus.allCases)
  func readsWhatItWrites(_ status: TranslationStatus) throws {
    let bare = StatusUpdate(status: status, timestamp: 1_733_752_895.6343958)
    #expect(try StatusUpdate(json: bare.json) == bare)
    let full = StatusUpdate(status: status, timestamp: -1e-300, progress: 1, message: "\u{0}\u{2028}🎬", job: "")
    #expect(try StatusUpdate(json: Array(full.json.utf8)) == full)
  }

  @Test func completedErrorAndCancelledAreFinal() {
    #expect(TranslationStatus.allCases.filter(\.isFinal) == [.completed, .error, .cancelled])
  }

  @Test func readsAnyOrderAndAnyWhiteSpace() throws {
    let json = "\r\n\t { \"timestamp\" : 12 ,\n\"job\":\"7\",\"status\"\t: \"running\" } \n"
    #expect(try StatusUpdate(json: json) == StatusUpdate(status: .running, timestamp: 12, job: "7"))
  }

  @Test func ignoresMembersItDoesNotKnow() throws {
    let json = #"""
      {"eta":null,"status":"completed","parts":[{"status":"error","x":[[],{}]},-1.5e3,true,"]}"],"timestamp":1,
       "Status":"pending","a":{"timestamp":2}}
      """#
    #expect(try StatusUpdate(json: json) == StatusUpdate(status: .completed, timestamp: 1))
  }

  @Test func resolvesEscapesInNamesAndValues() throws {
    let json = #"{"st\u0061tus":"\u0070ending","timestamp":1,"message":"\"\\\/\b\f\n\r\t\u00e9\ud83c\udfac"}"#
    let update = try StatusUpdate(json: json)
    #expect(update.status == .pending)
    #expect(update.message == "\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{1F3AC}")
  }

  @Test func theLastOfSeveralMembersWithOneNameCounts() throws {
    let json = #"{"status":7,"status":"pending","status":"running","timestamp":"x","timestamp":3,"job":"a","job":null}"#
    #expect(try StatusUpdate(json: json) == StatusUpdate(status: .running, timestamp: 3))
  }

  @Test(arguments: [
    #""progress":-0.001"#, #""progress":1.001"#, #""progress":45"#, #""progress":"0.5""#, #""progress":null"#,
    #""progress":1e999"#, #""message":1"#, #""message":null"#, #""message":["a"]"#, #""job":{"id":1}"#, #""job":7"#,
  ])
  func whatOnlyAdornsAStatusCountsAsAbsentWhenItDoesNotFit(_ member: String) throws {
    let update = try StatusUpdate(json: #"{"status":"pending","timestamp":1,\#(member)}"#)
    #expect(update == StatusUpdate(status: .pending, timestamp: 1))
  }

  @Test func bothEndsOfProgressAreProgress() throws {
    #expect(try StatusUpdate(json: #"{"status":"running","timestamp":1,"progress":0}"#).progress == 0)
    #expect(try StatusUpdate(json: #"{"status":"running","timestamp":1,"progress":1}"#).progress == 1)
  }

  static let refused: [(json: String, error: StatusUpdate.DecodingError)] = [
    ("", .notJSON(position: 0, reason: "expected a value, but the text ends")),
    ("<html>", .notJSON(position: 0, reason: "expected a value, found '<'")),
    (#"{"status":"pending""#, .notJSON(position: 19, reason: "expected ',' or '}', but the text ends")),
    (#"{"status":"","timestamp":1}x"#, .notJSON(position: 27, reason: "expected the end of the text, found 'x'")),
    (#"{"status":7,"timestamp":1,}"#, .notJSON(position: 26, reason: "expected a key in quotation marks, found '}'")),
    ("[]", .notAnObject),
    ("\"pending\"", .notAnObject),
    ("null", .notAnObject),
    ("{}", .missing("status")),
    (#"{"timestamp":1}"#, .missing("status")),
    (#"{"status":"pending"}"#, .missing("timestamp")),
    (#"{"status":"paused","timestamp":1}"#, .unknownStatus("paused")),
    (#"{"status":"Pending","timestamp":1}"#, .unknownStatus("Pending")),
    (#"{"status":"","timestamp":1}"#, .unknownStatus("")),
    (#"{"status":1,"timestamp":1}"#, .wrongType(of: "status", expected: "a string")),
    (#"{"status":null,"timestamp":1}"#, .wrongType(of: "status", expected: "a string")),
    (
      #"{"status":"pending","timestamp":"1"}"#,
      .wrongType(of: "timestamp", expected: "a finite number of seconds since 1970")
    ),
    (
      #"{"status":"pending","timestamp":1e999}"#,
      .wrongType(of: "timestamp", expected: "a finite number of seconds since 1970")
    ),
  ]

  @Test(arguments: refused)
  func saysWhyATextIsNoStatus(_ json: String, _ error: StatusUpdate.DecodingError) {
    #expect(throws: error) { try StatusUpdate(json: json) }
  }

  @Test func anErrorIsOneSentenceThatIsSafeToPrint() {
    let errors: [StatusUpdate.DecodingError] = [
      .notJSON(position: 3, reason: "expected a digit, found 'x'"), .notAnObject, .missing("status"),
      .wrongType(of: "status", expected: "a string"),
      .unknownStatus("\u{1B}[2J\n" + String(repeating: "x", count: 9999)),
    ]
    for error in errors {
      #expect(!error.description.hasSuffix(".") && error.description.utf8.count < 200)
      #expect(error.description.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    }
    #expect(errors[0].description == "The status is not JSON: expected a digit, found 'x', at byte 3")
  }

  @Test func aPieceOfAStatusIsNeverAStatus() {
    let update = StatusUpdate(status: .running, timestamp: 1.5, progress: 0.5, message: "é\n", job: "j")
    let whole = Array(update.json.utf8)
    for count in whole.indices {
      #expect(throws: StatusUpdate.DecodingError.self) { try StatusUpdate(json: Array(whole[..<count])) }
    }
  }

  @Test func randomUpdatesComeBackEqual() throws {
    var random = SeededRandom("random updates")
    for _ in 0..<2_000 {
      let timestamp = Double(bitPattern: random.next())
      let text = String(decoding: random.bytes(Int.random(in: 0..<20, using: &random)), as: UTF8.self)
      let update = StatusUpdate(
        status: TranslationStatus.allCases.randomElement(using: &random)!,
        timestamp: timestamp.isFinite ? timestamp : 0,
        progress: Bool.random(using: &random) ? Double.random(in: 0...1, using: &random) : nil,
        message: Bool.random(using: &random) ? text : nil,
        job: Bool.random(using: &random) ? text : nil)
      #expect(try StatusUpdate(json: update.json) == update, "seed \(random.seed)")
    }
  }

  @Test func aNumberThatIsNoneTraps() async {
    await #expect(processExitsWith: .failure) { _ = StatusUpdate(status: .pending, timestamp: .nan) }
    await #expect(processExitsWith: .failure) { _ = StatusUpdate(status: .running, timestamp: 1, progress: 1.5) }
  }
}
