import TestSupport
import Testing
import TranslationClient

@testable import tclient

@Suite(.timeLimit(.minutes(1)))
struct TopDescriberTests {
  /// Each frame asks, and there may be very many of them.
  @Test func whichOnesAreLookedForIsAskedOnlyByOneThatIsFree() async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let describer = TopDescriber(TranslationService(baseURL: peer.url("")))
    var asked = 0
    func ids() -> Set<String> {
      asked += 1
      return ["a", "b"]
    }
    let answers = Recorder<[Set<String>]>()
    for _ in 1...3 {
      describer.describe(ids()) { found, missing in answers.append([Set(found.map(\.id)), missing]) }
    }
    #expect(asked == 1)
    let connection = try await peer.nextConnection()
    #expect(try await connection.request().target == "/translations?limit=50")
    try await connection.respond(
      headers: ["Content-Type": "application/json"],
      body: #"{"translations":[{"id":"a","source":"de","target":"en","created":1.0,"status_url":"/x","#
        + #""status":"pending","timestamp":1.5}]}"#)
    #expect(try await answers.wait(count: 1) == [[["a"], ["b"]]])
  }
}
