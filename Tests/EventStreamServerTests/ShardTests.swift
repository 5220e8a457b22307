import Dispatch
import EventStreamServer
import TestSupport
import Testing

/// A server of several shards is one server.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ShardTests {
  private static let configuration = configured { $0.shards = 4 }

  @Test func subscribersOfEveryShardGetEachEvent() async throws {
    let it = try Fixture(Self.configuration)
    var clients: [RawClient] = []
    for _ in 0..<32 { clients.append(try await it.subscriber()) }
    #expect(it.server.subscriberCount == 32)
    // The system spreads them: that all of 32 land on one of four is as good as impossible.
    #expect(it.server.subscriberCounts.count == 4)
    #expect(it.server.subscriberCounts.max()! < 32)
    for number in 1...50 { it.channel.publish("\(number)") }
    it.channel.finish()
    let expected = retryAlone + (1...50).map { frame($0, "\($0)") }.joined()
    for client in clients { #expect(try await client.bodyToEnd() == expected) }
    await it.server.stop()
  }

  /// Whoever publishes, and wherever one is connected: there is one order, without a gap.
  @Test func publishersOnManyThreadsMakeOneOrder() async throws {
    let server = try HTTPServer(Self.configuration)
    let hub = server.makeHub(history: .init(eventsPerChannel: 1000), epoch: "E")
    let channels = (0..<4).map { _ in hub.makeChannel() }
    let port = UInt16(try server.start { _ in .events(hub) }.port)
    var clients: [RawClient] = []
    for _ in 0..<8 {
      let client = try await RawClient(port: port)
      try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await client.response().status == 200)
      #expect(try await client.body(until: "\n\n") == retryAlone)
      clients.append(client)
    }
    DispatchQueue.concurrentPerform(iterations: 4) { index in
      for number in 0..<200 { channels[index].publish("\(index) \(number)") }
    }
    channels[0].publish("end")
    var bodies: Set<String> = []
    for client in clients { bodies.insert(try await client.body(until: "end\n\n")) }
    #expect(bodies.count == 1)
    let blocks = bodies.first!.split(separator: "\n\n").map { $0.split(separator: "\n") }
    #expect(blocks.map { $0[0] } == (1...801).map { "id: E-\($0)" })
    for index in 0..<4 {
      #expect(
        blocks.map { $0[1] }.filter { $0.hasPrefix("data: \(index) ") } == (0..<200).map { "data: \(index) \($0)" })
    }
    await server.stop()
  }

  /// Streams that begin while others publish miss nothing of what comes after their first event.
  @Test func streamsThatBeginMeanwhileMissNothing() async throws {
    let it = try Fixture(Self.configuration, history: .init(events: 5000, eventsPerChannel: 5000))
    let channel = it.channel
    let publishing = DispatchQueue(label: "publisher")
    publishing.async { for number in 1...2000 { channel.publish("\(number)") } }
    var clients: [RawClient] = []
    for _ in 0..<16 { clients.append(try await it.subscriber()) }
    publishing.async { channel.finish() }
    for client in clients {
      let blocks = try await client.bodyToEnd().split(separator: "\n\n").map { $0.split(separator: "\n").last! }
      let numbers = blocks.compactMap { $0.hasPrefix("data: ") ? Int($0.dropFirst(6)) : nil }
      #expect(numbers.last == 2000)
      #expect(numbers == Array((numbers.first ?? 0)...2000))
    }
    await it.server.stop()
  }

  @Test func connectionLimitIsTheServers() async throws {
    let it = try Fixture(
      configured {
        $0.shards = 4
        $0.maxConnections = 6
      })
    var clients: [RawClient] = []
    for _ in 0..<6 { clients.append(try await it.subscriber()) }
    let seventh = try await it.client()
    #expect(try await seventh.response().status == 503)
    clients.removeFirst().close()
    await it.until { it.server.subscriberCount == 5 }
    clients.append(try await it.subscriber())
    await it.server.stop()
  }

  @Test func portOfAServerIsRefusedToAnother() async throws {
    let it = try Fixture(
      configured {
        $0.shards = 4
        $0.host = "127.0.0.72"
      })
    let other = try HTTPServer(
      configured {
        $0.shards = 4
        $0.host = "127.0.0.72"
        $0.port = Int(it.port)
      })
    #expect(throws: ServerError.self) { try other.start { _ in Response() } }
    await it.server.stop()
    await other.stop()
  }

  @Test func stopEndsTheStreamsOfEveryShard() async throws {
    let it = try Fixture(Self.configuration)
    var clients: [RawClient] = []
    for _ in 0..<12 { clients.append(try await it.subscriber()) }
    it.channel.publish("last")
    await it.server.stop(within: .seconds(20), reconnectionRate: 1000)
    for client in clients {
      let body = try await client.bodyToEnd()
      #expect(body.hasPrefix(retryAlone + frame(1, "last") + "retry: "))
    }
    #expect(it.server.connectionCount == 0)
    #expect(it.server.figures.delivered == 12)
  }
}
