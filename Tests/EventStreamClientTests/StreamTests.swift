import EventStream
import TestSupport
import Testing

@testable import EventStreamClient

@Suite(.paced, .timeLimit(.minutes(3)))
struct StreamTests {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  /// An open stream, the next one.
  func stream() async throws -> (PeerConnection, RecordedRequest) {
    let connection = try await peer.nextConnection()
    let request = try await connection.request()
    try await connection.respondEventStream()
    return (connection, request)
  }

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

  @Test func eventsBeforeOneThatIsTooLargeReachTheSequence() async throws {
    var source = EventSource.quick(peer.url(), .resilient)
    source.maxEventBytes = 100
    let reading = Task { [source] in
      var data: [String] = []
      do {
        for try await event in source.events() { data.append(event.data) }
        return data + ["no error"]
      } catch {
        return data + ["\(error)"]
      }
    }
    let (connection, _) = try await stream()
    // All in one read.
    try await connection.sendChunk("data: 1\n\ndata: 2\n\ndata: " + String(repeating: "x", count: 300))
    #expect(await reading.value == ["1", "2", "\(EventSourceError.eventTooLarge(limit: 100))"])
  }

  @Test func sequenceGivesTheEventsInOrderAndClosesWhenLeft() async throws {
    let peer = self.peer
    let reading = Task {
      var data: [String] = []
      for try await event in EventSource.quick(peer.url()).events() {
        data.append(event.data)
        if event.data == "99" { break }
      }
      return data
    }
    let (connection, _) = try await stream()
    // The reader is gone before all is sent.
    for number in 0..<200 { try? await connection.sendChunk("data: \(number)\n\n") }
    #expect(try await reading.value == (0...99).map(String.init))
    try await connection.closedByClient()
  }

  @Test func sequenceEndsAtNoContentAndThrowsWhatIsFinal() async throws {
    let peer = self.peer
    let ending = Task { for try await _ in EventSource(peer.url()).events() {} }
    var connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.sendHead(status: 204)
    try await ending.value

    let failing = Task { for try await _ in EventSource(peer.url()).events() {} }
    connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respond(status: 401)
    await #expect(throws: EventSourceError.unexpectedStatus(Response(status: 401, contentType: "", url: peer.url()))) {
      try await failing.value
    }
  }

  @Test func cancelledTaskLeavesTheSequenceWithAnError() async throws {
    let peer = self.peer
    let reading = Task { for try await _ in EventSource.quick(peer.url()).events() {} }
    let (connection, _) = try await stream()
    reading.cancel()
    await #expect(throws: EventSourceError.cancelled) { try await reading.value }
    try await connection.closedByClient()
  }

  /// The kernel's buffers on both sides hold a few megabytes; what they do not hold must wait at the server.
  @Test func readerThatStopsStopsTheServerAndLosesNothing() async throws {
    let total = 24_000_000
    let block = String(repeating: "data: " + String(repeating: "x", count: 93) + "\n\n", count: 1000)
    var iterator = EventSource.quick(peer.url()).events().makeAsyncIterator()
    let (connection, _) = try await stream()
    let sending = Task {
      for _ in 0..<(total / block.utf8.count) { try await connection.sendChunk(block) }
      try await connection.sendChunk("data: last\n\n")
    }
    #expect(try await iterator.next()?.data.utf8.count == 93)
    // It stalls: wait until the server has been held up for a while, by bytes and not by time.
    var accepted = -1
    while accepted != connection.bytesAccepted {
      accepted = connection.bytesAccepted
      let other = Recording(.quick(peer.url(), .never))
      let probe = try await peer.nextConnection()
      _ = try await probe.request()
      try await probe.respond(status: 204)
      _ = try await other.end()
    }
    #expect(connection.bytesAccepted < total)
    var count = 1
    while let event = try await iterator.next(), event.data != "last" { count += 1 }
    #expect(count == total / block.utf8.count * 1000)
    try await sending.value
  }
}
