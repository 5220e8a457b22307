import EventStreamClient
import Foundation
import TestSupport
import Testing
import TranslationClient

@Suite(.paced, .timeLimit(.minutes(3)))
struct GetStatusTests {
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
    // Though it could be kept.
    try await connection.closedByClient()
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
}
