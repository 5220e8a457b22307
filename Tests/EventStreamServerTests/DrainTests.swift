import EventStreamServer
import TestSupport
import Testing

/// A stop that lets streams go in a spread.
@Suite(.paced, .timeLimit(.minutes(3)))
struct DrainTests {
  @Test func drainLetsStreamsGoInASpreadEachWithATimeOfItsOwn() async throws {
    let it = try Fixture { request, channel in
      request.path == "/health" ? Response(status: 200) : .events(channel, retry: .seconds(1))
    }
    let clients = try await withThrowingTaskGroup { group in
      for _ in 0..<40 { group.addTask { try await it.subscriber() } }
      return try await group.reduce(into: [RawClient]()) { $0.append($1) }
    }
    async let stopped: Void = it.server.stop(within: .seconds(60), reconnectionRate: 40)
    await it.until { it.server.isDraining }

    // Meanwhile the server is there, but not for streams.
    let health = try await it.client("GET", "/health").response()
    #expect(health.status == 200)
    #expect(health["Connection"] == "close")
    let late = try await it.client().response()
    #expect(late.status == 503)
    #expect(late["Retry-After"] != nil)
    #expect(it.server.subscriberCount > 20)

    var times: [Int] = []
    for client in clients {
      let stream = try await client.bodyToEnd()
      let time = try #require(stream.split(separator: "\n").last?.split(separator: " ").last.flatMap { Int($0) })
      #expect(stream == "retry: 1000\nid: E-0\n\nretry: \(time)\n\n")
      times.append(time)
    }
    await stopped
    // One second for forty, after what is left of the drain.
    #expect(times.allSatisfy { (1000...3000).contains($0) })
    #expect(Set(times).count > 20)
    await #expect(throws: (any Error).self) { try await RawClient(port: it.port) }
  }

  @Test func drainEndsWithItsGracePeriod() async throws {
    let it = try Fixture()
    let clients = try await [it.subscriber(), it.subscriber(), it.subscriber()]
    await it.server.stop(within: .seconds(1), reconnectionRate: 0.001)
    for client in clients { #expect(try await client.bodyToEnd().contains("retry: ")) }
  }
}
