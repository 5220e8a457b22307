import EventStreamServer
import TestSupport
import Testing

/// What a server does not let its clients take: places and time.
@Suite(.paced, .timeLimit(.minutes(3)))
struct LimitTests {
  @Test func beyondTheLimitIs503UntilSomebodyLeaves() async throws {
    let it = try Fixture(configured { $0.maxConnections = 2 })
    let first = try await it.subscriber()
    let second = try await it.subscriber()
    let third = try await it.client()
    let refusal = try await third.response()
    #expect(refusal.status == 503)
    #expect(refusal["Retry-After"] == "5")
    #expect(refusal["Connection"] == "close")
    _ = try await third.readToEnd()
    try await third.closedByServer()

    // Who waits with the request takes the place that has become free.
    let fourth = try await RawClient(port: it.port)
    await it.until { it.server.connectionCount == 3 }
    first.close()
    await it.until { it.server.subscriberCount == 1 && it.server.connectionCount == 2 }
    try await fourth.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await fourth.response().status == 200)
    let fifth = try await it.client()
    #expect(try await fifth.response().status == 503)
    it.channel.publish("still here")
    #expect(try await second.body(until: "here\n\n") == retryAlone + frame(1, "still here"))
    await it.server.stop()
  }

  /// Whoever serves them: streams that are alone by now count as much as others.
  @Test(arguments: StreamWay.allCases)
  func addressBeyondItsLimitIs429UntilItLeavesOne(way: StreamWay) async throws {
    let it = try Fixture(
      configured {
        $0.maxConnectionsPerAddress = 2
        $0.writesDirectly = way.writesDirectly
        $0.shards = 2
      })
    let streams = [try await it.subscriber(by: way), try await it.subscriber(by: way)]
    let third = try await it.client(fields: way.accept)
    let refusal = try await third.response()
    #expect(refusal.status == 429)
    #expect(refusal["Retry-After"] == "5")
    _ = try await third.readToEnd()
    try await third.closedByServer()
    await it.until { it.server.connectionCount == 2 }
    // Another address has places of its own.
    let other = try await RawClient(port: it.port, from: "127.0.0.2")
    try await other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await other.response().status == 200)
    streams[0].close()
    await it.until { it.server.connectionCount == 2 }
    #expect(try await it.client().response().status == 200)
    await it.server.stop()
  }

  @Test func manyBeyondTheLimitAllGetAnAnswer() async throws {
    let it = try Fixture(configured { $0.maxConnections = 1 })
    let first = try await it.subscriber()
    for _ in 1...200 {
      let client = try await it.client()
      #expect(try await client.response().status == 503)
      client.close()
    }
    it.channel.publish("still here")
    #expect(try await first.body(until: "here\n\n") == retryAlone + frame(1, "still here"))
    await it.server.stop()
  }

  /// More than the places there are to say 503 on wait in the system, and have their turn.
  @Test func connectionsBeyondAllPlacesAreTakenWhenOthersLeave() async throws {
    let it = try Fixture(
      configured {
        $0.maxConnections = 1
        $0.shards = 1
      })
    var silent: [RawClient] = []
    for _ in 0..<100 { silent.append(try await RawClient(port: it.port)) }
    await it.until { it.server.connectionCount == 65 }
    let client = try await it.client()
    // First those that wait, then the one that is served, and each is gone before the next leaves: whoever else had its
    // place would have 503 sent to the client.
    for waiting in silent[65...] + silent[..<65] {
      waiting.close()
      _ = try await waiting.readToEnd()
    }
    #expect(try await client.response().status == 200)
    await it.until { it.server.connectionCount == 1 }
    await it.server.stop()
  }

  /// Who has said nothing is told nothing: it may be a connection that was opened in advance.
  @Test(arguments: ["", "GET / HTTP/1.1\r\nHost: a\r\nX-Slow"])
  func headThatDoesNotComeIsCut(sent: String) async throws {
    let it = try Fixture(configured { $0.requestDeadline = .seconds(2) })
    let start = ContinuousClock.now
    let client = try await RawClient(port: it.port)
    try await client.send(sent)
    let answer = try await client.readToEnd()
    #expect(sent.isEmpty ? answer.isEmpty : answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    try await client.closedByServer()
    #expect(ContinuousClock.now - start >= .seconds(2))
    #expect(it.accesses.all.isEmpty)
    await it.server.stop()
  }

  /// One that is too large to be waited for unread is libmicrohttpd's, and has no more time for that.
  @Test func largeHeadHasTheTimeOfAny() async throws {
    let it = try Fixture(
      configured {
        $0.requestDeadline = .milliseconds(4500)
        $0.requestMemory = 131_072
        $0.heartbeat = .milliseconds(1500)
      })
    let client = try await RawClient(port: it.port)
    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n")
    let clock = try await it.subscriber()
    _ = try await clock.body(until: ":\n\n")
    // Whose time begins with the first heartbeat; the rest of the head comes with the second.
    let other = try await RawClient(port: it.port)
    _ = try await clock.body(until: ":\n\n")
    try await client.send("X: " + String(repeating: "x", count: 20_000))
    try await client.closedByServer()
    #expect(!other.isClosedByServer)
    await it.server.stop()
  }

  @Test func idleConnectionIsCutAfterItsRequest() async throws {
    let it = try Fixture(configured { $0.requestDeadline = .seconds(6) }) { _, _ in Response(status: 204) }
    let client = try await it.client()
    #expect(try await client.response().status == 204)
    try await client.closedByServer()
    await it.server.stop()
  }

  /// Nobody's deadline is forgotten over another's that is due before.
  @Test func eachConnectionIsCutInItsTime() async throws {
    let it = try Fixture(
      configured {
        $0.requestDeadline = .seconds(3)
        $0.heartbeat = .seconds(1)
      })
    let first = try await RawClient(port: it.port)
    let clock = try await it.subscriber()
    _ = try await clock.body(until: ":\n\n")
    let second = try await RawClient(port: it.port)
    try await first.closedByServer()
    try await second.closedByServer()
    await it.server.stop()
  }

  @Test func openStreamHasNoDeadline() async throws {
    let it = try Fixture(
      configured {
        $0.requestDeadline = .seconds(4)
        $0.heartbeat = .milliseconds(4500)
      })
    let client = try await it.subscriber()
    // By the second heartbeat the deadline has passed.
    _ = try await client.body(until: ":\n\n:\n\n")
    #expect(!client.isClosedByServer)
    await it.server.stop()
  }

  @Test func slowHeadThatComesInTimeIsAnswered() async throws {
    let it = try Fixture()
    let client = try await RawClient(port: it.port)
    for byte in "GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8 {
      try await client.send([byte])
      await it.server.turn()
    }
    #expect(try await client.response().status == 200)
    await it.server.stop()
  }
}
