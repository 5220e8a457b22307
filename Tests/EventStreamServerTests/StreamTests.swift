import EventStream
import EventStreamServer
import TestSupport
import Testing

/// What a subscriber gets, from the first chunk to the last.
@Suite(.paced, .timeLimit(.minutes(3)))
struct StreamTests {
  @Test func firstChunkLeavesWithTheHead() async throws {
    let it = try Fixture()
    it.channel.publish("zero")
    it.channel.publish("one")
    let client = try await it.client()
    let head = try await client.response()
    #expect(head.status == 200)
    #expect(head["Content-Type"] == "text/event-stream")
    #expect(head["Cache-Control"] == "no-store")
    #expect(head["X-Accel-Buffering"] == "no")
    #expect(head["Transfer-Encoding"] == "chunked")
    #expect(head["Connection"] == "close")
    let first = retry + frame(2, "one")
    #expect(try await client.body(until: "one\n\n") == first)
    #expect(client.chunkSizes == [first.utf8.count])
    await it.server.stop()
  }

  @Test func channelWithoutEventsBeginsAtOnce() async throws {
    let it = try Fixture()
    let client = try await it.subscriber()
    #expect(try await client.body(until: "\n\n") == retryAlone)
    it.channel.publish("first")
    #expect(try await client.body(until: "\n\n") == frame(1, "first"))
    await it.server.stop()
  }

  @Test func streamWithoutRetryBeginsWithAnID() async throws {
    let it = try Fixture { _, channel in .events(channel, retry: nil, fields: ["Vary": "Accept"]) }
    let client = try await it.client()
    #expect(try await client.response()["Vary"] == "Accept")
    #expect(try await client.body(until: "\n\n") == "id: E-0\n\n")
    await it.server.stop()
  }

  @Test func eventsComeInTheOrderOfPublishing() async throws {
    let it = try Fixture()
    let clients = try await [it.subscriber(), it.subscriber(), it.subscriber()]
    for number in 1...200 { it.channel.publish("\(number)") }
    it.channel.finish()
    let expected = retryAlone + (1...200).map { frame($0, "\($0)") }.joined()
    for client in clients { #expect(try await client.bodyToEnd() == expected) }
    await it.server.stop()
  }

  @Test func typesAndLinesAreKept() async throws {
    let it = try Fixture()
    let client = try await it.subscriber()
    it.channel.publish("one\ntwo\r\nthree", type: "note")
    #expect(
      try await client.body(until: "three\n\n") == retryAlone
        + "event: note\nid: E-1\ndata: one\ndata: two\ndata: three\n\n"
    )
    await it.server.stop()
  }

  @Test(arguments: [("E-1", 2...5), ("E-3", 4...5), ("E-0", 1...5), ("E-4", 5...5)])
  func reconnectGoesOnAfterItsLastEvent(id: String, expected: ClosedRange<Int>) async throws {
    let it = try Fixture()
    for number in 1...5 { it.channel.publish("\(number)") }
    it.channel.finish()
    let client = try await it.subscriber(lastEventID: id)
    #expect(try await client.bodyToEnd() == retry + expected.map { frame($0, "\($0)") }.joined())
    await it.server.stop()
  }

  @Test func reconnectWithTheLatestIDWaitsForTheNext() async throws {
    let it = try Fixture()
    it.channel.publish("old")
    let client = try await it.subscriber(lastEventID: "E-1")
    it.channel.publish("new")
    #expect(try await client.body(until: "new\n\n") == retryAndID(1) + frame(2, "new"))
    await it.server.stop()
  }

  @Test(arguments: [
    "F-3", "E-6", "E-", "E-+3", "E-03", "E", "3", "E-99999999999999999999", "E-18446744073709551615", "é",
  ])
  func unknownIDGetsTheLatestAsAReset(id: String) async throws {
    let it = try Fixture()
    for number in 1...5 { it.channel.publish("\(number)") }
    it.channel.finish()
    let client = try await it.subscriber(lastEventID: id)
    #expect(try await client.bodyToEnd() == retry + "event: reset\n" + frame(5, "5"))
    await it.server.stop()
  }

  @Test func idThatFellOutOfTheHistoryGetsTheLatestAsAReset() async throws {
    let it = try Fixture(history: .init(events: 3))
    for number in 1...6 { it.channel.publish("\(number)") }
    it.channel.finish()
    // 4, 5 and 6 are held: whoever has 3 misses nothing.
    let near = try await it.subscriber(lastEventID: "E-3")
    #expect(try await near.bodyToEnd() == retry + (4...6).map { frame($0, "\($0)") }.joined())
    let far = try await it.subscriber(lastEventID: "E-2")
    #expect(try await far.bodyToEnd() == retry + "event: reset\n" + frame(6, "6"))
    await it.server.stop()
  }

  @Test func finishEndsTheStreamProperly() async throws {
    let it = try Fixture()
    let client = try await it.client()
    let head = try await client.read(until: "\r\n\r\n")
    #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
    try await client.wait(bytesReceived: head.utf8.count + "15\r\n\(retryAlone)\r\n".utf8.count)
    it.channel.publish("last")
    it.channel.finish()
    it.channel.finish()
    it.channel.publish("too late")
    let last = frame(1, "last")
    #expect(
      try await client.readToEnd()
        == "15\r\n\(retryAlone)\r\n\(String(last.utf8.count, radix: 16, uppercase: true))\r\n\(last)\r\n0\r\n\r\n")
    #expect(try await client.closedByServer().how == .finished)
    #expect(it.channel.isFinished)
    #expect(it.channel.latestID == "E-1")
    await it.until { it.server.subscriberCount == 0 && it.server.connectionCount == 0 }
    await it.server.stop()
  }

  @Test func visitorAfterTheEndGetsTheLastEventAndTheEnd() async throws {
    let it = try Fixture()
    it.channel.publish("last")
    it.channel.finish()
    #expect(try await it.subscriber().bodyToEnd() == retry + frame(1, "last"))
    await it.server.stop()
  }

  @Test func largeEventsArriveWhole() async throws {
    let it = try Fixture()
    let clients = try await [it.subscriber(), it.subscriber(receiveBuffer: 2048)]
    let large = String(repeating: "0123456789abcdef", count: 6400)
    it.channel.publish(large)
    it.channel.publish("small")
    it.channel.finish()
    for client in clients {
      #expect(try await client.bodyToEnd() == retryAlone + frame(1, large) + frame(2, "small"))
      #expect(client.chunkSizes.count > 5)
    }
    await it.server.stop()
  }

  @Test func heartbeatsAreComments() async throws {
    let it = try Fixture(configured { $0.heartbeat = .milliseconds(20) })
    let clients = try await [it.subscriber(), it.subscriber()]
    for client in clients { #expect(try await client.body(until: ":\n\n:\n\n") == retryAlone + ":\n\n:\n\n") }
    it.channel.publish("still in order")
    for client in clients { #expect(try await client.body(until: "order\n\n").hasSuffix(frame(1, "still in order"))) }
    await it.server.stop()
  }

  @Test func publishingFromManyThreadsLosesNothing() async throws {
    let it = try Fixture(history: .init(events: 5000, bytes: 1 << 20, eventsPerChannel: 5000))
    let client = try await it.subscriber()
    let channel = it.channel
    await withTaskGroup { group in
      for publisher in 0..<4 {
        group.addTask { for number in 0..<500 { channel.publish("\(publisher) \(number)") } }
      }
    }
    it.channel.finish()
    let stream = Array(try await client.bodyToEnd().utf8)
    var parser = EventParser()
    var events: [ServerSentEvent] = []
    try stream.withUnsafeBytes { stream in
      try parser.feed(stream) { item in
        switch item {
        case .event(let event): events.append(ServerSentEvent(event))
        default: break
        }
      }
    }
    #expect(events.map(\.id) == (1...2000).map { "E-\($0)" })
    for publisher in 0..<4 {
      let own = events.map(\.data).filter { $0.hasPrefix("\(publisher) ") }
      #expect(own == (0..<500).map { "\(publisher) \($0)" })
    }
    await it.server.stop()
  }
}
