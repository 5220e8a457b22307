import Dispatch
import EventStreamServer
import TestSupport
import Testing

/// The end: everything gets its own, and nothing holds it up.
@Suite(.paced, .timeLimit(.minutes(3)))
struct StopTests {
  /// One event that no kernel buffer here holds.
  private let large = String(repeating: "x", count: 200_000)

  @Test func streamsGetWhatIsLeftAndTheirEnd() async throws {
    let it = try Fixture()
    let clients = try await [it.subscriber(), it.subscriber()]
    it.channel.publish("one")
    it.channel.publish("two")
    await it.server.stop(within: .seconds(60))
    for client in clients {
      #expect(try await client.bodyToEnd() == retryAlone + frame(1, "one") + frame(2, "two"))
      #expect(try await client.closedByServer().how == .finished)
    }
    #expect(it.server.connectionCount == 0)
    await #expect(throws: (any Error).self) { try await RawClient(port: it.port) }
  }

  @Test func idleConnectionsDoNotHoldItUp() async throws {
    let it = try Fixture { _, _ in Response(status: 204) }
    let fresh = try await RawClient(port: it.port)
    let kept = try await it.client()
    _ = try await kept.response()
    let halfway = try await RawClient(port: it.port)
    try await halfway.send("GET / HT")
    await it.until { it.server.connectionCount == 3 }
    await it.server.stop(within: .seconds(60))
    for client in [fresh, kept, halfway] { try await client.closedByServer() }
  }

  @Test func stoppingTwiceIsStoppingOnce() async throws {
    let it = try Fixture()
    let client = try await it.subscriber()
    async let first: Void = it.server.stop()
    async let second: Void = it.server.stop()
    _ = await (first, second)
    await it.server.stop()
    _ = try await client.bodyToEnd()
  }

  @Test func stopBlocksThoseWhoCannotAwait() async throws {
    let it = try Fixture()
    let client = try await it.subscriber()
    let server = it.server
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        server.stop(within: .seconds(60))
        continuation.resume()
      }
    }
    #expect(try await client.bodyToEnd() == retryAlone)
  }

  @Test func stalledSubscriberIsCutAfterTheGrace() async throws {
    let it = try Fixture()
    let stalled = try await it.subscriber(receiveBuffer: 2048)
    stalled.stopReading()
    let suspended = try await it.subscriber()
    it.channel.publish(large)
    try await suspended.wait(bytesReceived: large.utf8.count)
    await it.server.stop(within: .milliseconds(100))
    #expect(it.server.connectionCount == 0)
    _ = try await suspended.bodyToEnd()
    stalled.startReading()
    let rest = try await stalled.readToEnd()
    #expect(!rest.hasSuffix("0\r\n\r\n"))
  }

  @Test func secondStopShortensTheFirst() async throws {
    let it = try Fixture()
    let stalled = try await it.subscriber(receiveBuffer: 2048)
    stalled.stopReading()
    it.channel.publish(large)
    async let patient: Void = it.server.stop(within: .seconds(600))
    await it.server.turn()
    await it.server.stop(within: .zero)
    await patient
  }

  @Test func serverRunsUntilItIsStoppedWhoeverKeepsIt() async throws {
    let (channel, port) = try startAndForget()
    let client = try await RawClient(port: port)
    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await client.response().status == 200)
    channel.publish("still here")
    channel.finish()
    #expect(try await client.bodyToEnd() == retryAlone + frame(1, "still here"))
  }

  /// It cannot be stopped any more; the channel is kept for the leak detector, which can then follow it.
  private func startAndForget() throws -> (EventChannel, UInt16) {
    let it = try Fixture()
    Self.forgotten.append(it.channel)
    return (it.channel, it.port)
  }
  private static let forgotten = Recorder<EventChannel>()

  @Test func publishingGoesOnUnheard() async throws {
    let it = try Fixture()
    await it.server.stop()
    it.channel.publish("nobody hears")
    it.channel.finish()
    await it.server.turn()
    #expect(it.channel.latestID == "E-1")
  }

  @Test func requestWhileStreamsEndIsRefused() async throws {
    let it = try Fixture()
    // A connection that waits for its first request's end while the server ends.
    let stalled = try await it.subscriber(receiveBuffer: 2048)
    stalled.stopReading()
    it.channel.publish(large)
    await it.server.turn()
    async let end: Void = it.server.stop(within: .milliseconds(200))
    await #expect(throws: (any Error).self) {
      while true { _ = try await RawClient(port: it.port) }
    }
    await end
  }

  /// A thousand subscribers, a tenth of whom never read, a burst, and the end in the middle of it.
  @Test func stopDuringABurstWithAThousand() async throws {
    let it = try Fixture(history: .init(events: 16))
    let crowd = try Crowd(of: 1000, stalled: 100, port: it.port)
    await it.until { it.server.subscriberCount == 1000 }
    let channel = it.channel
    async let burst: Void = {
      for number in 1...300 { channel.publish("\(number) \(String(repeating: "x", count: 2000))") }
    }()
    await it.server.turn()
    await it.server.stop(within: .milliseconds(300))
    await burst
    #expect(it.server.connectionCount == 0)
    #expect(it.server.subscriberCount == 0)
    crowd.close()
  }

  @Test func descriptorsStayFlat() async throws {
    let before = Descriptors.waiting()
    var ports: Set<UInt16> = []
    for _ in 1...100 {
      let it = try Fixture()
      ports.insert(it.port)
      let client = try await it.subscriber()
      it.channel.publish("x")
      await it.server.stop()
      _ = try await client.bodyToEnd()
    }
    // Other suites have servers of their own meanwhile, and some may get one of these ports; a leak of one descriptor a
    // cycle would be a hundred. A queue's own descriptors are closed shortly after its end.
    let limit = 50
    for _ in 1...10_000 {
      if Descriptors.waiting() - before < limit, Descriptors.sockets(of: ports) < limit { break }
      await Task.yield()
    }
    #expect(Descriptors.waiting() - before < limit)
    #expect(Descriptors.sockets(of: ports) < limit)
  }
}
