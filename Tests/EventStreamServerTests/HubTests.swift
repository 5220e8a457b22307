import EventStreamServer
import IOQueue
import TestSupport
import Testing

/// Channels that share one order.
@Suite(.paced, .timeLimit(.minutes(3)))
struct HubTests {
  private struct HubFixture {
    let server: HTTPServer
    let hub: EventHub
    let channels: [EventChannel]
    let port: UInt16

    /// Answers `/0`, `/1`, `/12` with the channels of these digits, and `/` with all.
    init(_ count: Int, history: EventHub.History = EventHub.History()) throws {
      server = try HTTPServer(fixtureConfiguration)
      let hub = server.makeHub(history: history, epoch: "E")
      let channels = (0..<count).map { _ in hub.makeChannel() }
      port = UInt16(
        try server.start { request in
          let id = request.fields["Last-Event-ID"]
          let digits = request.path.dropFirst().compactMap(\.wholeNumberValue)
          if digits.isEmpty { return .events(hub, lastEventID: id) }
          return .events(digits.map { channels[$0] }, of: hub, lastEventID: id)
        }.port)
      (self.hub, self.channels) = (hub, channels)
    }

    func subscriber(_ path: String, lastEventID: String? = nil, status: Int = 200) async throws -> RawClient {
      let client = try await RawClient(port: port)
      let field = lastEventID.map { "Last-Event-ID: \($0)\r\n" } ?? ""
      try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(field)\r\n")
      #expect(try await client.response().status == status)
      return client
    }
  }

  @Test func eachStreamGetsItsChannelsInOrder() async throws {
    let it = try HubFixture(3)
    let one = try await it.subscriber("/1")
    let two = try await it.subscriber("/02")
    let all = try await it.subscriber("/")
    for number in 1...9 { it.channels[number % 3].publish("\(number)") }
    for channel in it.channels { channel.finish() }
    #expect(try await one.bodyToEnd() == retryAlone + [1, 4, 7].map { frame($0, "\($0)") }.joined())
    #expect(try await two.bodyToEnd() == retryAlone + [2, 3, 5, 6, 8, 9].map { frame($0, "\($0)") }.joined())
    // Channels may still be made: the stream of all goes on.
    it.hub.makeChannel().publish("10")
    let expected = retryAlone + (1...10).map { frame($0, "\($0)") }.joined()
    #expect(try await all.body(until: "10\n\n") == expected)
    await it.server.stop()
  }

  @Test func visitorGetsTheLatestOfEach() async throws {
    let it = try HubFixture(3)
    for number in 1...6 { it.channels[number % 2].publish("\(number)") }
    it.channels[2].publish("7")
    it.channels[0].publish("8")
    let latest = retry + frame(5, "5") + frame(7, "7") + frame(8, "8")
    #expect(try await it.subscriber("/").body(until: "8\n\n") == latest)
    #expect(try await it.subscriber("/210").body(until: "8\n\n") == latest)
    #expect(try await it.subscriber("/1").body(until: "\n\n") == retry + frame(5, "5"))
    await it.server.stop()
  }

  @Test func resumedStreamMissesNothing() async throws {
    let it = try HubFixture(2)
    for number in 1...6 { it.channels[number % 2].publish("\(number)") }
    #expect(
      try await it.subscriber("/", lastEventID: "E-3").body(until: "6\n\n") == retry
        + (4...6).map { frame($0, "\($0)") }.joined())
    #expect(
      try await it.subscriber("/0", lastEventID: "E-3").body(until: "6\n\n") == retry + frame(4, "4") + frame(6, "6"))
    // An id of another channel of the hub is as good.
    let upToDate = try await it.subscriber("/1", lastEventID: "E-6")
    it.channels[1].publish("7")
    #expect(try await upToDate.body(until: "7\n\n") == retryAndID(6) + frame(7, "7"))
    await it.server.stop()
  }

  @Test func unknownIDIsToldByAResetAndTheLatestOfEach() async throws {
    let it = try HubFixture(3)
    let many = try await it.subscriber("/", lastEventID: "F-1")
    #expect(try await many.body(until: "\n\n") == retry + "event: reset\nid: E-0\ndata: {\"events\":0}\n\n")
    for number in 1...6 { it.channels[number % 2].publish("\(number)") }
    let expected = retry + "event: reset\nid: E-0\ndata: {\"events\":2}\n\n" + frame(5, "5") + frame(6, "6")
    #expect(try await it.subscriber("/", lastEventID: "F-1").body(until: "6\n\n") == expected)
    #expect(try await it.subscriber("/012", lastEventID: "E-7").body(until: "6\n\n") == expected)
    #expect(
      try await it.subscriber("/1", lastEventID: "E-x").body(until: "\n\n") == retry + "event: reset\n" + frame(5, "5"))
    await it.server.stop()
  }

  @Test func whatOneChannelLostIsNoResetForAnother() async throws {
    let it = try HubFixture(2, history: .init(events: 100, eventsPerChannel: 2))
    it.channels[0].publish("1")
    for number in 2...6 { it.channels[1].publish("\(number)") }
    let quiet = try await it.subscriber("/0", lastEventID: "E-1")
    it.channels[0].publish("7")
    #expect(try await quiet.body(until: "7\n\n") == retryAndID(6) + frame(7, "7"))
    let busy = try await it.subscriber("/1", lastEventID: "E-2")
    #expect(try await busy.body(until: "\n\n") == retry + "event: reset\n" + frame(6, "6"))
    let both = try await it.subscriber("/", lastEventID: "E-1")
    #expect(try await both.body(until: "7\n\n").hasPrefix(retry + "event: reset\nid: E-0\n"))
    await it.server.stop()
  }

  @Test func finishedAndSeenIs204() async throws {
    let it = try HubFixture(2)
    it.channels[0].publish("1")
    it.channels[1].publish("2")
    it.channels[0].finish()
    #expect(try await it.subscriber("/0").bodyToEnd() == retry + frame(1, "1"))
    let answer = try await it.subscriber("/0", lastEventID: "E-1", status: 204)
    #expect(try await answer.bodyToEnd() == "")
    let open = try await it.subscriber("/01", lastEventID: "E-2")
    it.channels[1].finish()
    #expect(try await open.bodyToEnd() == retryAndID(2))
    _ = try await it.subscriber("/01", lastEventID: "E-2", status: 204)
    // Whoever comes from another life is told first.
    #expect(try await it.subscriber("/0", lastEventID: "F-9").bodyToEnd() == retry + "event: reset\n" + frame(1, "1"))
    await it.server.stop()
  }

  @Test func removedChannelEndsItsStreamsAndIsForgotten() async throws {
    let it = try HubFixture(2)
    it.channels[0].publish("1")
    it.channels[1].publish("2")
    let one = try await it.subscriber("/0")
    #expect(try await one.body(until: "\n\n") == retry + frame(1, "1"))
    it.hub.remove(it.channels[0])
    it.hub.remove(it.channels[0])
    it.channels[0].publish("too late")
    #expect(try await one.bodyToEnd() == "")
    #expect(try await it.subscriber("/").body(until: "\n\n") == retry + frame(2, "2"))
    await it.server.stop()
  }

  @Test func whoLagsBehindAllGetsTheLatestOfEach() async throws {
    let it = try HubFixture(10, history: .init(events: 50, eventsPerChannel: 20))
    let slow = try await RawClient(port: it.port, receiveBuffer: 2048)
    try await slow.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    _ = try await slow.response()
    _ = try await slow.body(until: "\n\n")
    slow.stopReading()
    let payload = String(repeating: "x", count: 2000)
    for number in 0..<1000 { it.channels[number % 10].publish("\(payload) \(number)") }
    it.channels[0].publish("last")
    await it.server.turn()
    slow.startReading()
    let stream = try await slow.body(until: "data: last\n\n")
    let numbers = stream.split(separator: "\n").filter { $0.hasPrefix("id: E-") }.compactMap { Int($0.dropFirst(6)) }
    #expect(numbers.count < 500)
    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
    // The end is whole: the latest of each.
    #expect(numbers.suffix(10) == Array(992...1001))
    await it.server.stop()
  }
}
