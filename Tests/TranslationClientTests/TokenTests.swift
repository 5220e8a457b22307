import EventStreamClient
import TestSupport
import Testing
import TranslationClient

/// The bearer token that requests bring.
@Suite(.paced, .timeLimit(.minutes(3)))
struct TokenTests {
  private let counter = Locked(0)

  /// A new one each time.
  private var token: @Sendable () async throws -> String {
    let counter = counter
    return {
      let number = counter.withLock { count in
        count += 1
        return count
      }
      return "t\(number)"
    }
  }

  private let object =
    #"{"id":"j1","source":"de","target":"en","created":1,"status_url":"/translations/j1/status","status":"pending","#
    + #""timestamp":1.5}"#

  @Test func eachRequestBringsAFreshOne() async throws {
    let peer = try ScriptedPeer()
    let service = TranslationService(baseURL: peer.url(""), token: token)
    for number in 1...2 {
      async let got = service.get("j1")
      let connection = try await peer.nextConnection()
      #expect(try await connection.request()["Authorization"] == "Bearer t\(number)")
      try await connection.respond(
        status: 200, headers: ["Connection": "close", "Content-Type": "application/json"], body: object)
      #expect(try await got.id == "j1")
    }
    peer.closeAll()
  }

  @Test func eachAttemptOfAMonitorDoes() async throws {
    let peer = try ScriptedPeer()
    let client = TranslationClient(url: peer.url("/status"), token: token)
    async let final: ReceivedUpdate? = {
      var last: ReceivedUpdate?
      for try await update in client.monitor() { last = update }
      return last
    }()
    let first = try await peer.nextConnection()
    #expect(try await first.request()["Authorization"] == "Bearer t1")
    try await first.respondEventStream()
    try await first.sendChunk("retry: 1\nid: 1\ndata: {\"status\":\"pending\",\"timestamp\":1}\n\n")
    first.reset()
    let second = try await peer.nextConnection()
    let request = try await second.request()
    #expect(request["Authorization"] == "Bearer t2" && request["Last-Event-ID"] == "1")
    try await second.respondEventStream()
    try await second.sendChunk("data: {\"status\":\"completed\",\"timestamp\":2}\n\n")
    #expect(try await final?.status == .completed)
    peer.closeAll()
  }

  @Test func refusalIsFinal() async throws {
    let peer = try ScriptedPeer()
    let client = TranslationClient(url: peer.url("/status"), token: token)
    async let failure: TranslationError? = {
      do {
        for try await _ in client.monitor() {}
        return nil
      } catch {
        return error as? TranslationError
      }
    }()
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respond(status: 401)
    guard case .refused(let response) = await failure else { return #expect(Bool(false), "not refused") }
    #expect(response.status == 401)
    #expect(counter.withLock { $0 } == 1)
    peer.closeAll()
  }

  @Test func otherOriginDoesNotGetIt() async throws {
    let (peer, other) = (try ScriptedPeer(), try ScriptedPeer())
    let service = TranslationService(baseURL: peer.url(""), token: token)
    async let got = service.get("j1")
    let connection = try await peer.nextConnection()
    #expect(try await connection.request()["Authorization"] == "Bearer t1")
    try await connection.respond(
      status: 307, headers: ["Connection": "close", "Location": other.url("/translations/j1")], body: "")
    let next = try await other.nextConnection()
    #expect(try await next.request()["Authorization"] == nil)
    try await next.respond(status: 200, headers: ["Content-Type": "application/json"], body: object)
    _ = try await got
    peer.closeAll()
    other.closeAll()
  }

  @Test func tokenWithALineBreakIsNotSent() async throws {
    let client = TranslationClient(url: "http://127.0.0.1:9/status", token: { "a\r\nX: secret" })
    do {
      _ = try await client.getStatus()
      #expect(Bool(false), "sent")
    } catch {
      guard case .invalidRequest(let reason) = error else { return #expect(Bool(false), "\(error)") }
      #expect(!reason.contains("secret"))
    }
  }
}
