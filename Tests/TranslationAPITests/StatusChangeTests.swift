import TestSupport
import Testing
import TranslationAPI

@Suite("A change of status", .paced, .timeLimit(.minutes(3)))
struct StatusChangeTests {
  private func read(_ json: String) throws(BodyError) -> StatusChange {
    try StatusChange(json: Array(json.utf8))
  }

  @Test func writesWhatThereIs() {
    #expect(StatusChange(status: .pending).json == #"{"status":"pending"}"#)
    #expect(
      StatusChange(status: .running, progress: 0.25, message: "page 1\n").json
        == #"{"status":"running","progress":0.25,"message":"page 1\n"}"#)
  }

  @Test(arguments: [
    StatusChange(status: .pending), StatusChange(status: .running, progress: 0), StatusChange(status: .completed),
    StatusChange(status: .completed, progress: 1), StatusChange(status: .error, message: "\u{0}\u{2028}🎬"),
    StatusChange(status: .running, progress: .leastNonzeroMagnitude, message: ""),
  ])
  func readsWhatItWrites(_ change: StatusChange) throws {
    #expect(try read(change.json) == change)
  }

  @Test func takesWhatStandsAroundIt() throws {
    let json = #" { "eta" : {"status":[7]}, "progress":2, "progress":0.5,"message":null ,"status":"running"}"# + "\r"
    #expect(try read(json) == StatusChange(status: .running, progress: 0.5))
  }

  @Test(arguments: [
    ("{}", "status", "one of pending, running, completed, error"),
    (#"{"status":null}"#, "status", "one of pending, running, completed, error"),
    (#"{"status":"cancelled"}"#, "status", "one of pending, running, completed, error"),
    (#"{"status":"Running"}"#, "status", "one of pending, running, completed, error"),
    (#"{"status":["running"]}"#, "status", "one of pending, running, completed, error"),
    (#"{"status":"running","progress":-0.1}"#, "progress", "a number from 0 to 1"),
    (#"{"status":"running","progress":1.0000001}"#, "progress", "a number from 0 to 1"),
    (#"{"status":"running","progress":{}}"#, "progress", "a number from 0 to 1"),
    (#"{"status":"running","progress":false}"#, "progress", "a number from 0 to 1"),
    (#"{"status":"running","message":["a"]}"#, "message", "a string of up to 1000 characters"),
  ])
  func namesTheFieldThatIsWrong(_ json: String, _ field: String, _ expected: String) {
    #expect(throws: BodyError.invalid(field: field, "\"\(field)\" has to be \(expected).")) { try read(json) }
  }

  @Test func messageHasUpToAThousandCharacters() throws {
    let longest = StatusChange(status: .running, message: String(repeating: "🎬", count: 1000))
    #expect(try read(longest.json) == longest)
    let longer = StatusChange(status: .running, message: String(repeating: "x", count: 1001))
    #expect(throws: BodyError.self) { try read(longer.json) }
  }

  @Test func randomBytesNeverCrash() async {
    var random = SeededRandom("changes of status")
    let alphabet = Array(#"{}[]:,"\/ -+.eE01truefalsenullstatusprogmj"#.utf8)
    for round in 0..<5_000 {
      await breathe(round)
      let bytes = random.bytes(Int.random(in: 0..<48, using: &random), of: alphabet)
      _ = try? StatusChange(json: Array(#"{"status":"running","#.utf8) + bytes)
      _ = try? BatchChange(json: random.bytes(bytes.count))
      _ = BatchAnswer(json: Array(#"{"line":1,"#.utf8) + bytes)
    }
  }

  @Test func manyMembersCostNoMoreThanTheirBytes() throws {
    // Half a million members; were each looked at for each, this would not end in time.
    let json = "{" + String(repeating: "\"status\":1,", count: 500_000) + #""status":"running"}"#
    #expect(try read(json) == StatusChange(status: .running))
  }
}

@Suite("Many changes of status, a line each", .paced, .timeLimit(.minutes(3)))
struct BatchTests {
  @Test func changeStandsBetweenTheJobAndItsCondition() throws {
    let line = BatchChange(
      job: "a/b", change: StatusChange(status: .running, progress: 1, message: "m"), ifMatch: "EPOCH-7")
    #expect(line.json == #"{"job":"a/b","status":"running","progress":1.0,"message":"m","if_match":"EPOCH-7"}"#)
    #expect(try BatchChange(json: Array(line.json.utf8)) == line)
    let bare = BatchChange(job: "", change: StatusChange(status: .completed))
    #expect(bare.json == #"{"job":"","status":"completed"}"#)
    #expect(try BatchChange(json: Array((bare.json + "\r").utf8)) == bare)
  }

  @Test(arguments: [
    (#"{"status":"running"}"#, "job"), (#"{"job":7,"status":"running"}"#, "job"), (#"{"job":"a"}"#, "status"),
    (#"{"job":"a","status":"cancelled"}"#, "status"), (#"{"job":"a","status":"running","progress":2}"#, "progress"),
    (#"{"job":"a","status":"running","if_match":1}"#, "if_match"),
  ])
  func namesTheFieldThatIsWrong(_ json: String, _ field: String) {
    do throws(BodyError) {
      Issue.record("taken: \(try BatchChange(json: Array(json.utf8)))")
    } catch {
      #expect(error.problem.field == field)
    }
  }

  @Test func answerHasTheNewIdOrTheProblem() {
    let taken = BatchAnswer(line: 1, job: "a", result: .success("EPOCH-7"))
    #expect(taken.json == #"{"line":1,"code":200,"job":"a","id":"EPOCH-7"}"#)
    let unknown = BatchAnswer(line: 2, job: "b", result: .failure(Problem(status: 404, detail: "Not here.")))
    #expect(
      unknown.json == #"{"line":2,"code":404,"job":"b","problem":{"type":"about:blank","title":"Not Found","#
        + #""status":404,"detail":"Not here."}}"#)
    let broken = BatchAnswer(line: 3, job: nil, result: .failure(Problem(status: 400, detail: "No.", position: 9)))
    #expect(broken.json.hasPrefix(#"{"line":3,"code":400,"problem":{"#))
    for answer in [taken, unknown, broken] {
      #expect(BatchAnswer(json: Array(answer.json.utf8)) == answer)
    }
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"line":1}"#, #"{"line":"1","id":"a"}"#, #"{"line":1.5,"id":"a"}"#, #"{"line":1e99,"id":"a"}"#,
    #"{"line":1,"problem":{"status":200}}"#, #"{"line":1,"problem":[]}"#,
  ])
  func whatIsNoAnswerIsNone(_ json: String) {
    #expect(BatchAnswer(json: Array(json.utf8)) == nil)
  }
}
