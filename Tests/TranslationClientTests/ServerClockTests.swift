import EventStreamClient
import IOQueue
import TestSupport
import Testing

@testable import TranslationClient

/// A server's clock and what it makes of delays.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ServerClockTests {
  @Test(arguments: [
    ("http://a:80/status", "http://a:80/time"), ("https://a/x/status?b#c", "https://a/x/time"),
    ("http://a/translations/17/status", "http://a/time"), ("http://a/x/translations/17/status?y=1", "http://a/x/time"),
    ("http://a/translations/events?id=1&id=2", "http://a/time"),
    ("http://a/translations/status", "http://a/translations/time"),
    ("http://translations/status", "http://translations/time"),
    ("http://translations/a/status", "http://translations/a/time"),
    ("http://a/", nil), ("http://a/other", nil), ("", nil), ("/status", nil),
  ])
  func clockIsBesideTheStatus(url: String, time: String?) {
    #expect(ServerClock.timeURL(for: url) == time)
  }

  @Test func anotherWayLeadsToAnotherClock() throws {
    let direct = EventSource("http://a/status")
    var (forwarded, proxied) = (direct, direct)
    forwarded.transport.unixSocketPath = "/run/a"
    proxied.transport.proxy = "http://b:1"
    let clocks = try [direct, forwarded, proxied].map { try #require(ServerClock.of($0)) }
    #expect(Set(clocks.map(ObjectIdentifier.init)).count == 3)
    for (source, clock) in zip([direct, forwarded, proxied], clocks) {
      #expect(ServerClock.of(source) === clock)
      #expect(ServerClock.known(of: source) === clock)
    }
  }

  /// Follows a peer whose clock is 100 seconds ahead.
  @Test func offsetIsTakenOutOfTheDelay() async throws {
    let peer = try ScriptedPeer()
    let client = TranslationClient.quick(peer.url("/status"))
    let updates = Task { try await client.monitor().reduce(into: []) { $0.append($1) } }
    let stream = try await peer.nextConnection()
    _ = try await stream.request()
    try await stream.respondEventStream()
    try await stream.sendChunk(update("pending", WallClock.now + 100, #","sent":1.5"#))
    // One after the other on one connection, which ends with them.
    let asked = try await peer.nextConnection()
    for number in 1...5 {
      let request = try await asked.request()
      #expect(request.target == "/time")
      #expect(request["Accept"] == "application/json")
      #expect((request["Connection"] == "close") == (number == 5))
      let time = WallClock.now + 100
      try await asked.respond(
        headers: ["Content-Type": "application/json"], body: "{\"received\":\(time),\"sent\":\(time)}")
    }
    try await asked.closedByClient()
    // The answer was read before the connection was closed, but perhaps not yet reckoned with.
    let clock = try #require(ServerClock.of(client.source))
    while clock.offset == nil { await Task.yield() }
    let time = WallClock.now + 100
    try await stream.sendChunk(update("completed", time, #","sent":2.5"#))
    let seen = try await updates.value
    #expect(seen.map(\.sent) == [1.5, 2.5])
    let last = try #require(seen.last)
    let offset = try #require(last.clockOffset)
    #expect(abs(offset.seconds - 100) <= offset.error)
    let off = last.delay - .seconds(last.received + 100 - time)
    let error = try #require(last.delayError) + .microseconds(2)
    #expect(off <= error && off >= .zero - error)
  }

  /// A server that tells when it sends and has no clock for all that is asked once; of one that does not, nothing is asked.
  @Test(arguments: [true, false])
  func otherServersClocksAreTakenToBeEqual(tellsSendingTime: Bool) async throws {
    let peer = try ScriptedPeer()
    let client = TranslationClient.quick(peer.url("/status"))
    let updates = Task { try await client.monitor().reduce(into: []) { $0.append($1) } }
    let stream = try await peer.nextConnection()
    _ = try await stream.request()
    try await stream.respondEventStream()
    try await stream.sendChunk(update("pending", 1, tellsSendingTime ? #","sent":1.5"# : ""))
    if tellsSendingTime {
      let asked = try await peer.nextConnection()
      #expect(try await asked.request().target == "/time")
      try await asked.respond(status: 404, headers: ["Connection": "close"])
      try await asked.closedByClient()
    }
    try await stream.sendChunk(update("completed", 2))
    let seen = try await updates.value
    #expect(seen.map(\.clockOffset) == [nil, nil])
    #expect(seen.map(\.delayError) == [nil, nil])
    #expect(seen.last.map { $0.delay == .seconds($0.received - 2) } == true)
    #expect(peer.connectionCount == (tellsSendingTime ? 2 : 1))
  }

  @Test func clocksAreNotComparedIfThatIsNotWanted() async throws {
    let peer = try ScriptedPeer()
    let client = TranslationClient(EventSource(peer.url("/status"), reconnection: .resilient), comparesClocks: false)
    let updates = Task { try await client.monitor().reduce(into: []) { $0.append($1) } }
    let stream = try await peer.nextConnection()
    _ = try await stream.request()
    try await stream.respondEventStream()
    try await stream.sendChunk(update("pending", 1, #","sent":1.5"#) + update("completed", 2, #","sent":2.5"#))
    #expect(try await updates.value.map(\.clockOffset) == [nil, nil])
    #expect(peer.connectionCount == 1)
  }
}
