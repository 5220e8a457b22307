import EventStreamClient
import Foundation
import TestSupport
import Testing
import TranslationClient

@Suite(.paced, .timeLimit(.minutes(3)))
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
