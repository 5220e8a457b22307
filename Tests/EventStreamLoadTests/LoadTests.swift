import Dispatch
@testable import EventStreamLoad
import EventStreamServer
import TestSupport
import Testing

/// A load on real servers, ended by what it has seen and not by its time.
@Suite(.paced, .timeLimit(.minutes(3)))
struct LoadTests: Loading {
  @Test func subscribersGetEveryEventThatIsPublished() async throws {
    let hub = try Hub()
    let report = try await run(
      plan(hub.url + "/sub/{n}", 40) {
        $0.topics = 4
        $0.publisher = PublisherPlan(url: hub.url + "/pub/{n}")
        $0.publisher?.body = #"{"n":{n},"timestamp":{time},"s":{sequence}}"#
        $0.publisher?.limit = 20
      }
    ) { $0.deliveries == 200 }
    #expect(report.isComplete)
    #expect(report.connected == 40)
    #expect(report.deliveries == 200)
    #expect(report.fewest == 5)
    #expect(report.most == 5)
    #expect(report.eventsWithoutTime == 0)
    #expect(report.latencies?.count == 200)
    #expect(report.published == 20)
    #expect(report.answers?.count == 20)
    #expect(
      try await hub.published.wait(count: 20).map { $0.prefix(6) } == (0..<20).map { #"{"n":\#($0 % 4),"#.prefix(6) })
    await hub.server.stop()
  }

  @Test func refusalsAreToldByKind() async throws {
    let hub = try Hub()
    let report = try await run(plan(hub.url + "/sub/9", 3)) { $0.failed == 3 }
    #expect(!report.isComplete)
    #expect(report.failures == [.status(404): 3])
    let other = try await run(plan(hub.url + "/pub/1", 2)) { $0.failed == 2 }
    #expect(other.failures == [.status(202): 2])
    await hub.server.stop()
    let gone = try await run(plan(hub.url + "/sub/1", 4)) { $0.failed == 4 }
    #expect(gone.failures == [.refused: 4])
    #expect(gone.connected == 0)
  }

  @Test func manyThatFailAtOnceFailInTurn() async throws {
    // Nothing connects to the broadcast address: the system says so before connect returns. Each failure makes room for
    // the next connect; one from within the other, so many would not fit on a stack.
    let report = try await run(plan("http://255.255.255.255/", 50_000)) { $0.failed == 50_000 }
    #expect(report.failures == [.unreachable: 50_000])
    #expect(report.connected == 0)
  }

  @Test func streamsThatEndOrBreakAreToldApart() async throws {
    let peer = try ScriptedPeer()
    let plan = plan(peer.url("/"), 3) { $0.connecting = 1 }
    async let report = run(plan) { $0.connected == 3 && $0.failed == 2 && $0.phase == .measuring }
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    var connections: [PeerConnection] = []
    for _ in 1...3 {
      let connection = try await peer.nextConnection()
      #expect(try await connection.request().head.values("Accept") == ["text/event-stream"])
      try await connection.send(head)
      connections.append(connection)
    }
    try await connections[0].send("8\r\n:end\r\n\r\n\r\n0\r\n\r\n")
    try await connections[1].send("7\r\n:cut")
    connections[1].close()
    try await connections[2].send("no chunk\r\n")
    let result = try await report
    #expect(result.properEnds == 1)
    #expect(result.failures == [.endedEarly: 1, .malformed: 1])
    #expect(result.heads?.count == 3)
    peer.closeAll()
  }

  /// Both are told of once, and together.
  @Test(arguments: [60_000, 200_000]) func endRightBehindEventsIsSeen(byteCount: Int) async throws {
    let peer = try ScriptedPeer()
    let (measuring, isSeen) = (Recorder<Bool>(), Locked(false))
    let sent = DispatchSemaphore(value: 0)
    async let report = run(plan(peer.url("/"), 1)) { progress in
      guard progress.phase == .measuring else { return false }
      // On the load's queue: at first it reads nothing until as much is there as there can be.
      measuring.append(true)
      if measuring.all.count == 1 { sent.wait() }
      return isSeen.withLock { $0 }
    }
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    try await measuring.wait(count: 1)
    let event = "data: \(String(repeating: "x", count: 92))\n\n"
    async let sending: Void = connection.send(String(repeating: event, count: byteCount / 100))
    if byteCount < 65_536 {
      try await sending
      connection.shutdownWrite()
    }
    sent.signal()
    try await sending
    connection.shutdownWrite()
    try await connection.closedByClient()
    isSeen.withLock { $0 = true }
    let result = try await report
    #expect(result.deliveries == byteCount / 100)
    #expect(result.properEnds == 1)
    peer.closeAll()
  }

  /// As of a name that has both an IPv6 and an IPv4 address.
  @Test func firstAddressThatAnswersIsTaken() throws {
    let gone = try ScriptedPeer()
    gone.close()
    let peer = try ScriptedPeer()
    func addresses(_ peer: ScriptedPeer) throws -> [[UInt8]] {
      try LoadTarget.addresses(of: "127.0.0.1", "\(peer.port)")
    }
    let (away, there) = (try addresses(gone), try addresses(peer))
    #expect(LoadTarget.firstToAnswer(away + there + away) == there[0])
    #expect(LoadTarget.firstToAnswer(away + there) == there[0])
    #expect(LoadTarget.firstToAnswer(there + away) == there[0])
    // One alone is not asked.
    #expect(LoadTarget.firstToAnswer(away) == away[0])
    #expect(peer.connectionCount <= 2)
    peer.closeAll()
  }

  @Test func whatCannotBeLoadedIsSaid() {
    for url in ["https://127.0.0.1/", "127.0.0.1:80", "http://no.such.host.invalid/"] {
      #expect(throws: LoadError.self) { try Load(LoadPlan(url: url), onEnd: { _ in }) }
    }
  }
}
