import EventStream
import TestSupport
import Testing

@testable import EventStreamClient

@Suite(.paced, .timeLimit(.minutes(3)))
struct StreamTests: Streaming {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  @Test(arguments: [1, 2, 3, 1000], ["\n", "\r", "\r\n"])
  func eventsDoNotDependOnChunkSize(size: Int, lineEnd: String) async throws {
    let recording = Recording(.quick(peer.url()))
    let (connection, _) = try await stream()
    let text = ["\u{FEFF}:hi", "event: e", "data: a", "data:  b", "id: é", "", "data", "", "data: नमस्ते", "", ""]
    let bytes = Array(text.joined(separator: lineEnd).utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      try await connection.sendChunk(Array(bytes[start..<min(start + size, bytes.count)]))
    }
    let events = try await recording.events.wait(count: 3)
    #expect(
      events == [
        try ServerSentEvent(type: "e", data: "a\n b", id: "é"), try ServerSentEvent(data: "", id: "é"),
        try ServerSentEvent(data: "नमस्ते", id: "é"),
      ])
    #expect(recording.comments.all == ["hi"])
    recording.subscription.cancel()
  }

  @Test func statesTellWhatHappens() async throws {
    let recording = Recording(.quick(peer.url("/s")))
    let (connection, _) = try await stream()
    try await connection.sendChunk("data: x\n\n")
    try await connection.endChunks()
    connection.close()
    _ = try await stream()
    let open = EventSource.State.open(
      Response(status: 200, contentType: "text/event-stream", url: peer.url("/s")))
    let states = try await recording.states.wait(count: 5)
    #expect(
      states == [
        .connecting(attempt: 1), open, .waiting(.zero, because: .streamEnded), .connecting(attempt: 1), open,
      ])
    recording.subscription.cancel()
  }

  @Test func reconnectResumesFromTheLastCommittedID() async throws {
    let recording = Recording(.quick(peer.url()))
    var (connection, request) = try await stream()
    #expect(request["Last-Event-ID"] == nil)
    try await connection.sendChunk("id: 1\ndata: a\n\nid: 2\n\nid: 3\ndata: unfinished")
    try await recording.events.wait(count: 1)
    connection.reset()
    (connection, request) = try await stream()
    // The block of id 2 ended without data, and that of id 3 did not end.
    #expect(request["Last-Event-ID"] == "2")
    try await connection.sendChunk("\n\ndata: b\n\nid\ndata: c\n\n")
    let events = try await recording.events.wait(count: 3)
    #expect(events.map(\.id) == ["1", "2", ""])
    #expect(events.map(\.data) == ["a", "b", "c"])
    connection.close()
    (connection, request) = try await stream()
    #expect(request["Last-Event-ID"] == nil)
    recording.subscription.cancel()
  }

  @Test func serversRetryFieldSetsTheWait() async throws {
    let recording = Recording(.quick(peer.url()))
    let (connection, _) = try await stream()
    try await connection.sendChunk("retry: 123456\ndata: x\n\n")
    try await recording.events.wait(count: 1)
    connection.close()
    #expect(try await recording.waiting().0 == .milliseconds(123_456))
    recording.subscription.cancel()
  }

  @Test func nextAttemptIsNeverSoonerThanTheReconnectionTime() async throws {
    var source = EventSource.quick(peer.url())
    source.reconnection.reconnectionTime = .milliseconds(80)
    let recording = Recording(source)
    for _ in 0..<3 {
      let (connection, _) = try await stream()
      try await connection.sendChunk("data: x\n\n")
      try await recording.events.wait(count: 1)
      let end = ContinuousClock.now
      connection.close()
      try await peer.wait(connectionCount: peer.connectionCount + 1)
      #expect(ContinuousClock.now - end >= .milliseconds(80))
    }
    recording.subscription.cancel()
  }

  @Test func tooLargeAnEventEndsWithAnErrorOfItsOwn() async throws {
    var source = EventSource.quick(peer.url(), .resilient)
    source.maxEventBytes = 10_000
    let recording = Recording(source)
    let (connection, _) = try await stream()
    try await connection.sendChunk("data: small\n\n")
    try? await connection.sendChunk("data: " + String(repeating: "x", count: 20_000))
    #expect(try await recording.failure() == .eventTooLarge(limit: 10_000))
    #expect(recording.events.all.map(\.data) == ["small"])
    try await connection.closedByClient()
  }
}
