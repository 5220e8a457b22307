import Testing
import TranslationAPI
import TranslationServer

import TestSupport

/// The server's clock.
@Suite(.paced, .timeLimit(.minutes(3)))
struct TimeTests {
  @Test func questionAndAnswerHaveTheirTimes() async throws {
    let hub = try Hub()
    let before = wallClock()
    let answer = try await hub.request("GET", "/time")
    let after = wallClock()
    #expect(answer.status == 200)
    #expect(answer.head["Content-Type"] == "application/json")
    #expect(answer.head["Cache-Control"] == "no-store")
    let time = try #require(ServerTime(json: Array(answer.body.utf8)))
    #expect(before - 0.000_002 <= time.received && time.received <= time.sent && time.sent <= after)
    #expect(try await hub.request("POST", "/time").status == 405)
    await hub.server.stop()
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"received":2,"sent":1}"#, #"{"received":"1","sent":2}"#, #"{"received":1e99,"sent":1e99}"#,
  ])
  func whatIsNoTimeIsNone(json: String) {
    #expect(ServerTime(json: Array(json.utf8)) == nil)
  }
}
