import TestSupport
import Testing
import TranslationAPI

@Suite("Problem details", .paced, .timeLimit(.minutes(3)))
struct ProblemTests {
  @Test func takesItsTitleFromTheStatus() {
    let problem = Problem(status: 404, detail: "Nothing is at \"/x\".")
    #expect(
      problem.json == #"{"type":"about:blank","title":"Not Found","status":404,"detail":"Nothing is at \"/x\"."}"#)
  }

  @Test func aKindOfItsOwnHasATitleOfItsOwn() {
    let problem = Problem(type: "https://a.example/busy", title: "Busy", status: 503, detail: "Come back.")
    #expect(problem.json.hasPrefix(#"{"type":"https://a.example/busy","title":"Busy","status":503,"#))
  }

  @Test(arguments: [
    (400, "Bad Request"), (405, "Method Not Allowed"), (409, "Conflict"), (410, "Gone"),
    (412, "Precondition Failed"), (422, "Unprocessable Content"), (431, "Request Header Fields Too Large"),
    (499, "Bad Request"),
    (500, "Internal Server Error"), (503, "Service Unavailable"), (599, "Internal Server Error"),
  ])
  func titlesAreReasonPhrases(_ status: Int, _ title: String) {
    #expect(Problem(status: status, detail: "").title == title)
  }

  private func read(_ json: String) throws -> Problem? { Problem(try JSONValue(json: Array(json.utf8))) }

  @Test func tellsWhatItKnowsBeyondTheStandard() throws {
    let current = PublishedUpdate(id: "E-1", update: StatusUpdate(status: .completed, timestamp: 1, job: "a")).json
    let problem = Problem(status: 409, detail: "Done.", position: 0, field: "status", current: current)
    #expect(
      problem.json == #"{"type":"about:blank","title":"Conflict","status":409,"detail":"Done.","position":0,"#
        + #""field":"status","current":\#(current)}"#)
    #expect(try read(problem.json) == problem)
  }

  @Test func readsWhatAnotherServerSays() throws {
    #expect(try read(#"{"status":410}"#) == Problem(status: 410, detail: ""))
    #expect(
      try read(#"{"status":503,"title":7,"detail":"Later.","position":1.5,"field":null,"current":[1],"instance":"/x"}"#)
        == Problem(status: 503, detail: "Later."))
  }

  @Test(arguments: [
    #"{}"#, #"{"status":200}"#, #"{"status":600}"#, #"{"status":"404"}"#, #"{"status":404.5}"#, "[404]",
  ])
  func whatIsNoProblemIsNone(_ json: String) throws {
    #expect(try read(json) == nil)
  }

  @Test func aStatusThatIsNoErrorsTraps() async {
    await #expect(processExitsWith: .failure) { _ = Problem(status: 200, detail: "") }
  }
}
