import EventStreamServer
import TestSupport
import Testing
import TranslationAPI
import TranslationServer

/// The server on the wire.
@Suite(.paced, .timeLimit(.minutes(3)))
struct StatusTests: StatusAsking {
  /// The body of a whole stream, taken apart: ids and updates.
  private func events(_ stream: String) throws -> [(id: String, update: StatusUpdate)] {
    let blocks = stream.split(separator: "\n\n")
    #expect(stream.hasPrefix("retry: 2000\n"))
    return try blocks.filter { $0.contains("\ndata: ") }.map { block in
      let lines = block.split(separator: "\n").filter { $0 != "retry: 2000" }
      #expect(lines.count == 2 && lines[0].hasPrefix("id: ") && lines[1].hasPrefix("data: "))
      return (String(lines[0].dropFirst(4)), try StatusUpdate(json: String(lines[1].dropFirst(6))))
    }
  }

  @Test func shortJobByteByByte() async throws {
    let (server, port) = try start(delay: .seconds(4))
    let (client, head) = try await request(port)
    #expect(head.status == 200)
    #expect(
      head.headers.dropFirst().map { "\($0.name): \(String(decoding: $0.value, as: UTF8.self))" } == [
        "Connection: close", "Content-Type: text/event-stream", "Cache-Control: no-store", "X-Accel-Buffering: no",
        "Vary: Accept", "Transfer-Encoding: chunked",
      ])
    let stream = try await client.bodyToEnd()
    let events = try events(stream)
    try #require(events.count == 2)
    let (first, last) = (events[0].update, events[1].update)
    let epoch = events[0].id.dropLast(2)
    let job = try #require(first.job)
    // As it is written, with all its digits.
    let sent = stream.matches(of: /"sent":(\d{10}\.\d{6})}/).map(\.output.1)
    try #require(sent.count == 2)
    let expected = [
      "retry: 2000\nid: \(epoch)-1\ndata: {\"status\":\"pending\",\"timestamp\":\(first.timestamp),\"job\":\"\(job)\",\"sent\":\(sent[0])}\n\n",
      "id: \(epoch)-2\ndata: {\"status\":\"completed\",\"timestamp\":\(last.timestamp),\"job\":\"\(job)\",\"sent\":\(sent[1])}\n\n",
    ]
    #expect(stream == expected.joined())
    #expect(client.chunkSizes == expected.map(\.utf8.count))
    #expect(abs(last.timestamp - first.timestamp - 4) < 0.001)
    try await client.closedByServer()
    await server.stop()
  }

  @Test func stepsComeInOrder() async throws {
    let (server, port) = try start(delay: .milliseconds(200), steps: 3)
    let events = try events(try await request(port).client.bodyToEnd())
    #expect(events.map(\.update.status) == [.pending, .running, .running, .running, .completed].suffix(events.count))
    #expect(events.last?.update.progress == 1)
    await server.stop()
  }

  @Test func failingJobEndsWithItsMessage() async throws {
    let (server, port) = try start(delay: .milliseconds(100), failure: "The text is \"empty\".")
    let update = try #require(try events(try await request(port).client.bodyToEnd()).last?.update)
    #expect(update.status == .error)
    #expect(update.message == "The text is \"empty\".")
    await server.stop()
  }

  @Test func jsonIsWhatTheStreamSays() async throws {
    let (server, port) = try start()
    let (client, head) = try await request(port, accept: "application/json")
    #expect(head.status == 200)
    #expect(head["Content-Type"] == "application/json")
    #expect(head["Cache-Control"] == "no-store")
    #expect(head["Vary"] == "Accept")
    let json = try await client.bodyToEnd()
    let stream = try await request(port).client.body(until: "}\n\n")
    #expect(stream.contains("\ndata: \(json.dropLast()),\"sent\":"))
    await server.stop()
  }

  @Test func afterTheEnd() async throws {
    let (server, port) = try start(delay: .milliseconds(50))
    let watched = try events(try await request(port).client.bodyToEnd())
    let final = try #require(watched.last)

    // A late visitor gets the same status, with the same timestamp, and the end.
    let late = try events(try await request(port).client.bodyToEnd())
    #expect(late.map(\.id) == [final.id])
    #expect(late.map(\.update) == [final.update])
    let json = try await request(port, accept: "application/json").client.bodyToEnd()
    #expect(try StatusUpdate(json: json) == final.update)

    // Who has seen it is told not to come again.
    for method in ["GET", "HEAD"] {
      let (client, head) = try await request(port, method, lastEventID: final.id)
      #expect(head.status == 204)
      #expect(head["Content-Type"] == nil)
      #expect(try await client.bodyToEnd() == "")
    }
    // Who has not, is not.
    let rest = try events(try await request(port, lastEventID: String(final.id.dropLast()) + "1").client.bodyToEnd())
    #expect(rest.map(\.id) == [final.id])
    await server.stop()
  }

  @Test func reconnectBeforeTheEndWaits() async throws {
    let (server, port) = try start(delay: .seconds(4))
    let first = try await request(port).client.body(until: "}\n\n")
    let id = try #require(try events(first).first?.id)
    let rest = try events(try await request(port, lastEventID: id).client.bodyToEnd())
    #expect(rest.map(\.update.status) == [.completed])
    await server.stop()
  }

  @Test func timestampIsNeverAhead() async throws {
    let (server, port) = try start(delay: .milliseconds(100), steps: 20)
    let client = try await request(port).client
    while let block = try? await client.body(until: "\n\n") {
      guard let data = block.split(separator: "data: ").dropFirst().first else { continue }
      #expect(try StatusUpdate(json: String(data)).timestamp <= wallClock())
    }
    await server.stop()
  }

  @Test func stopEndsAJobThatIsNotDone() async throws {
    let (server, port) = try start()
    let (client, _) = try await request(port)
    _ = try await client.body(until: "}\n\n")
    await server.stop()
    #expect(try await client.bodyToEnd() == "")
  }

  @Test func portInUse() async throws {
    let (server, port) = try start()
    let second = try TranslationServer(.init(port: Int(port)))
    #expect(throws: ServerError.addressInUse(SocketAddress(host: "127.0.0.1", port: Int(port)))) { try second.start() }
    await server.stop()
    await second.stop()
    #expect(throws: ServerError.stopped) { try second.start() }
  }
}
