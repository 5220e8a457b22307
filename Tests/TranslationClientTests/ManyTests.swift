import TestSupport
import Testing
import TranslationClient

/// Many translations followed at once.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ManyTests {
  let peer: ScriptedPeer
  let service: TranslationService

  init() throws {
    peer = try ScriptedPeer()
    service = .quick(peer.url(""))
  }

  /// The next request's connection, with the head of a stream sent on it.
  private func stream() async throws -> (PeerConnection, RecordedRequest) {
    let connection = try await peer.nextConnection()
    let request = try await connection.request()
    try await connection.respondEventStream()
    return (connection, request)
  }

  private func told(_ job: String, _ status: String, _ timestamp: Double) -> String {
    update(status, timestamp, #","job":"\#(job)""#)
  }

  /// Follows in a task; each update in short.
  private func follow(_ updates: Updates) -> (seen: Recorder<String>, end: Task<Void, any Error>) {
    let seen = Recorder<String>()
    let end = Task {
      for try await update in updates { seen.append("\(update.update.job ?? "") \(update.status) \(update.timestamp)") }
    }
    return (seen, end)
  }

  @Test func eachIsFollowedToItsEndOverOneConnection() async throws {
    let (seen, end) = follow(service.monitor(["b", "a", "b", "ü&"]))
    let (connection, request) = try await stream()
    #expect(request.target == "/translations/events?id=a&id=b&id=%C3%BC%26")
    #expect(request["Accept"] == "text/event-stream")
    try await connection.sendChunk(told("a", "pending", 1) + told("b", "pending", 1) + told("other", "running", 1))
    try await connection.sendChunk(told("ü&", "cancelled", 2) + told("b", "completed", 3) + told("a", "running", 4))
    // As before, word for word; and what follows a final status.
    try await connection.sendChunk(told("b", "completed", 3) + told("a", "running", 4) + told("a", "error", 5))
    try await end.value
    #expect(
      seen.all == [
        "a pending 1.0", "b pending 1.0", "ü& cancelled 2.0", "b completed 3.0", "a running 4.0", "a error 5.0",
      ])
    try await connection.closedByClient()
    #expect(peer.connectionCount == 1)
  }

  @Test func lostConnectionIsResumedFromTheLastEvent() async throws {
    let (seen, end) = follow(service.monitor(["a", "b"]))
    var (connection, request) = try await stream()
    try await connection.sendChunk("id: e-1\n" + told("a", "pending", 1) + "id: e-2\n" + told("b", "pending", 1))
    try await seen.wait(count: 2)
    connection.reset()
    (connection, request) = try await stream()
    #expect(request["Last-Event-ID"] == "e-2")
    try await connection.sendChunk(told("a", "completed", 2) + told("b", "completed", 2))
    try await end.value
    #expect(seen.all.suffix(2) == ["a completed 2.0", "b completed 2.0"])
  }

  /// A server that has forgotten where the watcher was tells everything anew.
  @Test func resetTellsNothingTwice() async throws {
    let (seen, end) = follow(service.monitor(["a", "b", "c"]))
    var connection = try await stream().0
    try await connection.sendChunk(told("a", "pending", 1) + told("b", "completed", 1) + told("c", "running", 1))
    try await seen.wait(count: 3)
    connection.reset()
    connection = try await stream().0
    try await connection.sendChunk(
      "event: reset\ndata: {\"jobs\":3}\n\n" + told("b", "completed", 1) + told("c", "running", 1)
        + told("a", "running", 2))
    try await connection.sendChunk(told("a", "completed", 3) + told("c", "completed", 3))
    try await end.value
    #expect(seen.all.suffix(3) == ["a running 2.0", "a completed 3.0", "c completed 3.0"])
    #expect(seen.count == 6)
  }

  /// A server that has forgotten how one ended, and where it ends again, does not end the others.
  @Test func oneThatComesBackEndsOnce() async throws {
    let (seen, end) = follow(service.monitor(["a", "b"]))
    var connection = try await stream().0
    try await connection.sendChunk(told("a", "completed", 1) + told("b", "running", 1))
    try await seen.wait(count: 2)
    connection.reset()
    connection = try await stream().0
    try await connection.sendChunk("event: reset\ndata: {\"events\":2}\n\n" + told("a", "running", 1))
    try await connection.sendChunk(told("b", "completed", 2))
    try await seen.wait(count: 4)
    try await connection.sendChunk(told("a", "completed", 3))
    try await end.value
    #expect(
      seen.all == ["a completed 1.0", "b running 1.0", "a running 1.0", "b completed 2.0", "a completed 3.0"])
  }

  @Test func resetOfOneTranslationIsItsStatus() async throws {
    let (seen, end) = follow(service.translation("j").monitor())
    let (connection, request) = try await stream()
    #expect(request.target == "/translations/j/status")
    try await connection.sendChunk(
      "event: reset\n" + told("j", "running", 1) + "event: reset\n" + told("j", "running", 1) + "event: reset\n"
        + told("j", "completed", 2))
    try await end.value
    #expect(seen.all == ["j running 1.0", "j completed 2.0"])
  }

  @Test func moreThanOneRequestHoldsAreSpreadOverSeveral() async throws {
    let ids = (0..<250).map { "\($0)-" + String(repeating: "x", count: 18) }
    let (seen, end) = follow(service.monitor(ids))
    var asked: [String] = []
    for number in 0..<3 {
      let (connection, request) = try await stream()
      let these = request.target.split(separator: "?")[1].split(separator: "&").map { String($0.dropFirst(3)) }
      #expect(these.count <= 100)
      #expect(request.target.utf8.count < 3500)
      asked += these
      try await connection.sendChunk(these.map { told($0, "completed", 1) }.joined())
      try await seen.wait(count: asked.count)
      // One that has no more to say is closed, and does not end the others.
      if number < 2 { try await connection.closedByClient() }
    }
    try await end.value
    #expect(peer.connectionCount == 3)
    #expect(asked.sorted() == ids.sorted())
    #expect(Set(seen.all).count == 250)
  }

  @Test func oneOfSeveralConnectionsThatFailsEndsAll() async throws {
    let (seen, end) = follow(service.monitor((0..<150).map { "\($0)" }))
    let first = try await stream().0
    try await first.sendChunk(told("0", "pending", 1))
    try await seen.wait(count: 1)
    let second = try await peer.nextConnection()
    _ = try await second.request()
    try await second.respond(status: 404, headers: ["Content-Type": "text/plain"], body: "unknown")
    await #expect(throws: TranslationError.self) { try await end.value }
    try await first.closedByClient()
  }

  @Test func noMoreToSayBeforeTheEndOfAllIsAnError() async throws {
    let (seen, end) = follow(service.monitor(["a", "b"]))
    let connection = try await stream().0
    try await connection.sendChunk(told("a", "completed", 1))
    try await seen.wait(count: 1)
    connection.close()
    let last = try await peer.nextConnection()
    _ = try await last.request()
    try await last.sendHead(status: 204)
    await #expect(throws: TranslationError.noFinalStatus) { try await end.value }
  }

  @Test func nobodyIsFollowedAtOnce() async throws {
    for try await update in service.monitor([]) { Issue.record("\(update)") }
    #expect(peer.connectionCount == 0)
  }

  @Test func allAreFollowedUntilMonitoringIsStopped() async throws {
    let (seen, end) = follow(service.monitorAll())
    let (connection, request) = try await stream()
    #expect(request.target == "/translations/events")
    try await connection.sendChunk(told("a", "completed", 1) + told("b", "running", 2) + told("b", "running", 2))
    try await connection.sendChunk(
      "event: reset\ndata: {\"jobs\":1}\n\n" + told("b", "running", 2) + told("c", "pending", 3))
    #expect(try await seen.wait(count: 3) == ["a completed 1.0", "b running 2.0", "c pending 3.0"])
    service.stopMonitoring()
    try await end.value
    try await connection.closedByClient()
  }

  @Test func endOfAllIsNoError() async throws {
    let (_, end) = follow(service.monitorAll())
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.sendHead(status: 204)
    try await end.value
  }
}
