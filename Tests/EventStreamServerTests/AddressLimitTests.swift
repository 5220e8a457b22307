import EventStreamServer
import TestSupport
import Testing

/// What one address cannot take from the others, and which addresses count as one.
@Suite(.paced, .timeLimit(.minutes(3)))
struct AddressLimitTests {
  /// Connections that say nothing are turned away where places are few: they are not to be held till their time is up.
  @Test func silentConnectionsOfOneAddressLeaveRoomForOthers() async throws {
    let it = try Fixture(
      configured {
        $0.maxConnections = 4
        $0.maxConnectionsPerAddress = 2
        $0.requestDeadline = .seconds(600)
        $0.shards = 1
      })
    var silent: [RawClient] = []
    for _ in 0..<4 { silent.append(try await RawClient(port: it.port)) }
    await it.until { it.server.connectionCount == 4 }
    for _ in 0..<100 {
      let client = try await RawClient(port: it.port)
      let answer = try await client.response()
      #expect(answer.status == 429)
      #expect(answer["Retry-After"] == "5")
      #expect(answer["Connection"]?.lowercased() == "close")
      try await client.closedByServer()
      silent.append(client)
    }
    let other = try await RawClient(port: it.port, from: "127.0.0.2")
    try await other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await other.response().status == 200)
    await it.server.stop()
  }

  @Test func loopbackOfIPv6IsAnAddressToo() async throws {
    let it = try Fixture(
      configured {
        $0.host = "::1"
        $0.maxConnectionsPerAddress = 1
      })
    var statuses: [Int] = []
    var clients: [RawClient] = []
    for _ in 0..<2 {
      let client = try await RawClient(port: it.port, host: .v6)
      try await client.send("GET / HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n")
      statuses.append(try await client.response().status)
      clients.append(client)
    }
    #expect(statuses == [200, 429])
    await it.server.stop()
  }
}
