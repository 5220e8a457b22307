import EventStreamClient
import Foundation
import TestSupport
import Testing
import TranslationClient

@Suite(.paced, .timeLimit(.minutes(1)))
struct TranslationClientTests {
  let peer: ScriptedPeer
  let client: TranslationClient

  init() throws {
    peer = try ScriptedPeer()
    client = .quick(peer.url("/status"))
  }

  func stream() async throws -> PeerConnection {
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respondEventStream()
    return connection
  }

  // MARK: getStatus

  @Test func getStatusIsTheFirstStatusAndThenTheConnectionCloses() async throws {
    async let status = client.getStatus()
    let connection = try await stream()
    let before = Date().timeIntervalSince1970
    try await connection.sendChunk(
      "retry: 1\n\nid: 1\n" + update("pending", 1733752895.6343958) + update("completed", 2))
    let update = try await status
    #expect(update.status == .pending)
    #expect(update.timestamp == 1733752895.6343958)
    #expect((before - 1...before + 60).contains(update.received))
    #expect(abs(update.delay.seconds - (update.received - update.timestamp)) < 0.001)
    try await connection.closedByClient()
    #expect(peer.connectionCount == 1)
  }

  @Test(arguments: [1e300, -1e22, 1e20])
  func timestampThatIsNoTimeCrashesNobody(timestamp: Double) async throws {
    async let status = client.getStatus()
    try await stream().sendChunk(update("completed", timestamp))
    let update = try await status
    #expect(update.timestamp == timestamp)
    #expect(abs(update.delay.seconds) == 1e12)
  }

  @Test func getStatusMakesOneAttemptWhateverTheServerSays() async throws {
    let client = self.client
    let status = Task { try await client.getStatus() }
    let connection = try await stream()
    try await connection.sendChunk("retry: 0\nevent: ping\ndata: x\n\n")
    try await connection.endChunks()
    await #expect(throws: TranslationError.unreachable("the server ended the stream")) { try await status.value }
    #expect(peer.connectionCount == 1)
  }

  @Test func getStatusReadsAnAnswerInJSONToo() async throws {
    async let status = client.getStatus()
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respond(
      headers: ["Content-Type": "application/json"], body: #"{"status": "running", "timestamp": 5, "progress": 0.5}"#)
    let update = try await status
    #expect(update.status == .running)
    #expect(update.progress == 0.5)
  }

  @Test func blockingGetStatusSaysTheSame() async throws {
    let client = self.client
    let status = Task.blocking { try client.getStatus() }
    try await stream().sendChunk(update("error", 3))
    #expect(try await status.value.status == .error)
  }

  @Test func getStatusTriesOnce() async throws {
    peer.close()
    await #expect(
      throws: TranslationError.unreachable("cannot connect to \(peer.url().dropLast()): Connection refused")
    ) {
      try await client.getStatus()
    }
  }

  @Test func getStatusDoesNotWaitForEverOnHeartbeats() async throws {
    var source = EventSource(peer.url())
    source.responseTimeout = .seconds(2)
    let client = TranslationClient(source)
    let status = Task { try await client.getStatus() }
    let connection = try await stream()
    try await connection.sendChunk(":\n\n")
    guard case .failure(TranslationError.unreachable) = await status.result else {
      Issue.record("a status without a status")
      return
    }
    try await connection.closedByClient()
  }

  @Test func cancelledTaskCancelsGetStatus() async throws {
    let client = self.client
    let status = Task { try await client.getStatus() }
    let connection = try await stream()
    status.cancel()
    await #expect(throws: TranslationError.cancelled) { try await status.value }
    try await connection.closedByClient()
  }

  @Test(arguments: [
    "hello", "[]", "{}", #"{"status":"pending"}"#, #"{"timestamp":1}"#, #"{"status":"done","timestamp":1}"#,
    #"{"status":"pending","timestamp":"1"}"#, #"{"status":3,"timestamp":1}"#, #"{"status":"pending","timestamp":1"#, "",
  ])
  func firstEventThatIsNoStatusIsAnError(data: String) async throws {
    let client = self.client
    for call in [
      { try await client.getStatus() },
      {
        for try await update in client.monitor() { return update }; fatalError()
      },
    ]
      as [@Sendable () async throws -> ReceivedUpdate]
    {
      let reading = Task { try await call() }
      try await stream().sendChunk("data: \(data)\n\n")
      guard case .failure(TranslationError.notAStatus(let reason)) = await reading.result else {
        Issue.record("\(data) was taken for a status")
        return
      }
      #expect(!reason.isEmpty)
    }
  }

  @Test func refusalCarriesTheResponse() async throws {
    let client = self.client
    let reading = Task { for try await _ in client.monitor() {} }
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respond(status: 401, headers: ["Content-Type": "text/plain"], body: "who are you?")
    guard case .failure(TranslationError.refused(let response)) = await reading.result else {
      Issue.record("no refusal")
      return
    }
    #expect(response.status == 401)
    #expect(response.body == "who are you?")
  }

  @Test func problemDetailsAreToldInTheirWords() async throws {
    let client = self.client
    let reading = Task { try await client.getStatus() }
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respond(
      status: 404, headers: ["Content-Type": "application/problem+json"],
      body: #"{"type":"about:blank","status":404,"detail":"There is nothing\nhere."}"#)
    guard case .failure(let error) = await reading.result else { return }
    #expect("\(error)" == "the server answered 404: There is nothinghere")
  }

  // MARK: monitor

  @Test func monitorShowsEachStatusAndEndsAfterTheFinalOne() async throws {
    let client = self.client
    let statuses = Task { try await client.monitor().reduce(into: []) { $0.append($1.status) } }
    let connection = try await stream()
    for status in ["pending", "running", "completed"] { try await connection.sendChunk(update(status, 1)) }
    #expect(try await statuses.value == [.pending, .running, .completed])
    try await connection.closedByClient()
    #expect(peer.connectionCount == 1)
  }

  @Test func lostConnectionsAreInvisible() async throws {
    let client = self.client
    let statuses = Task { try await client.monitor().reduce(into: []) { $0.append($1.timestamp) } }
    var connection = try await stream()
    try await connection.sendChunk("id: 7\n" + update("pending", 1))
    connection.reset()
    connection = try await peer.nextConnection()
    #expect(try await connection.request()["Last-Event-ID"] == "7")
    try await connection.respond(status: 503, headers: ["Connection": "close"])
    connection = try await stream()
    try await connection.sendChunk("id: 7\n" + update("pending", 1) + "id: 8\n" + update("running", 2))
    try await connection.endChunks()
    connection.close()
    connection = try await stream()
    try await connection.sendChunk("id: 9\n" + update("completed", 3))
    // The status that came again word for word is not told again.
    #expect(try await statuses.value == [1, 2, 3])
  }

  @Test func laterEventsThatAreNoStatusArePassedOver() async throws {
    let client = self.client
    let statuses = Task { try await client.monitor().reduce(into: []) { $0.append($1.status) } }
    let connection = try await stream()
    try await connection.sendChunk(
      "event: news\ndata: hello\n\n" + update("pending", 1) + "data: [DONE]\n\nevent: status\n" + update("completed", 2)
    )
    #expect(try await statuses.value == [.pending, .completed])
  }

  @Test func noMoreToSayWithoutAFinalStatusIsAnError() async throws {
    let client = self.client
    let reading = Task { for try await _ in client.monitor() {} }
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.sendHead(status: 204)
    await #expect(throws: TranslationError.noFinalStatus) { try await reading.value }
  }

  @Test func monitorByClosureTellsTheFinalUpdateOnce() async throws {
    let updates = Recorder<TranslationStatus>()
    let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
    client.monitor({ updates.append($0.status) }, onEnd: { ends.append($0) })
    let connection = try await stream()
    try await connection.sendChunk(update("pending", 1) + update("completed", 2) + update("error", 3))
    let end = try await ends.wait(count: 1)
    #expect(try end[0].get()?.status == .completed)
    #expect(updates.all == [.pending, .completed])
    #expect(ends.count == 1)
  }

  @Test func updateMayBlockAndAskForTheStatus() async throws {
    let client = self.client
    let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
    let asked = Recorder<TranslationStatus>()
    client.monitor(
      { update in
        guard update.status == .pending else { return }
        asked.append((try? client.getStatus().status) ?? .error)
      }, onEnd: { ends.append($0) })
    let first = try await stream()
    try await first.sendChunk(update("pending", 1))
    try await stream().sendChunk(update("running", 1))
    #expect(try await asked.wait(count: 1) == [.running])
    try await first.sendChunk(update("completed", 2))
    try await ends.wait(count: 1)
  }

  @Test func monitorUntilFinalBlocksAndReturnsTheFinalUpdate() async throws {
    let client = self.client
    let seen = Recorder<TranslationStatus>()
    let final = Task.blocking { try client.monitorUntilFinal { seen.append($0.status) } }
    try await stream().sendChunk(update("pending", 1) + update("error", 2, #","message":"no such language""#))
    #expect(try await final.value.message == "no such language")
    #expect(seen.all == [.pending, .error])
  }

  // MARK: Any server

  static func plainServer(_ seconds: Double) async throws -> (ChildProcess, String) {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/plain_status_server.py"
    let server = try ChildProcess("/usr/bin/env", ["python3", script, "\(seconds)"])
    return (server, "http://127.0.0.1:\(try await server.output.line { !$0.isEmpty })")
  }

  @Test func serverWithoutIDsServesUnchanged() async throws {
    let (server, url) = try await Self.plainServer(0.3)
    let client = TranslationClient(url: url + "/status")
    let first = try await client.getStatus()
    #expect(first.status == .pending)
    var last: ReceivedUpdate?
    for try await update in client.monitor() { last = update }
    #expect(last?.status == .completed)
    #expect(try #require(last).timestamp > first.timestamp)
    #expect(try await client.getStatus().update == last?.update)
    server.send(9)
  }

  @Test func serverWithoutIDsThatHangsUpIsFollowedToTheEnd() async throws {
    let (server, url) = try await Self.plainServer(0.4)
    var statuses: [TranslationStatus] = []
    for try await update in TranslationClient.quick(url + "/drops").monitor() { statuses.append(update.status) }
    #expect(statuses == [.pending, .completed])
    server.send(9)
  }
}

func update(_ status: String, _ timestamp: Double, _ more: String = "") -> String {
  "data: {\"status\":\"\(status)\",\"timestamp\":\(timestamp)\(more)}\n\n"
}

extension TranslationClient {
  /// Reconnects at once, without jitter.
  static func quick(_ url: String) -> TranslationClient {
    var source = EventSource(url, reconnection: .resilient)
    source.reconnection.reconnectionTime = .zero
    source.reconnection.jitter = 0
    return TranslationClient(source)
  }
}

extension Task where Failure == any Error {
  /// Runs `call`, which blocks, on a thread of its own.
  static func blocking(_ call: @escaping @Sendable () throws -> Success) -> Task {
    Task {
      try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: call)) }
      }
    }
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
