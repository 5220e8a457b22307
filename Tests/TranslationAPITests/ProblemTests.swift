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
    (400, "Bad Request"), (405, "Method Not Allowed"), (431, "Request Header Fields Too Large"), (499, "Bad Request"),
    (500, "Internal Server Error"), (503, "Service Unavailable"), (599, "Internal Server Error"),
  ])
  func titlesAreReasonPhrases(_ status: Int, _ title: String) {
    #expect(Problem(status: status, detail: "").title == title)
  }
}
