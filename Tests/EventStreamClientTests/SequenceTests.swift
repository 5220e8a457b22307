import EventStream
import TestSupport
import Testing

@testable import EventStreamClient

/// A stream to loop over.
@Suite(.paced, .timeLimit(.minutes(3)))
struct SequenceTests: Streaming {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

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
