import EventStreamLoad
import EventStreamServer
import Synchronization
import TestSupport
import Testing

/// A load on real servers, ended by what it has seen and not by its time.
@Suite(.paced, .timeLimit(.minutes(3)))
struct LoadTests {
  /// A hub with a channel for each topic: `GET /sub/N`, `POST /pub/N`.
  private struct Hub {
    let server: HTTPServer
    let port: Int
    let published = Recorder<String>()

    init() throws {
      var configuration = HTTPServer.Configuration(port: 0)
      configuration.heartbeat = .zero
      let server = try HTTPServer(configuration)
      let channels = (0..<4).map { _ in server.makeChannel() }
      let published = published
      port = try server.start { request in
        guard let digit = request.path.last?.wholeNumberValue, digit < 4 else { return HTTPResponse(status: 404) }
        if request.path.hasPrefix("/sub/") { return .events(channels[digit]) }
        let body = String(decoding: request.body, as: UTF8.self)
        published.append(body)
        channels[digit].publish(body)
        return HTTPResponse(status: 202)
      }.port
      self.server = server
    }

    var url: String { "http://127.0.0.1:\(port)" }
  }

  /// Runs a load until `isEnough`, and gives its report.
  private func run(
    _ plan: LoadPlan, until isEnough: @escaping @Sendable (LoadProgress) -> Bool = { _ in false }
  ) async throws -> LoadReport {
    let reports = Recorder<LoadReport>()
    let running = Mutex<Load?>(nil)
    let load = try Load(
      plan, onProgress: { if isEnough($0) { running.withLock { $0 }?.stop() } }, onEnd: { reports.append($0) })
    running.withLock { $0 = load }
    // The load keeps its closures.
    defer { running.withLock { $0 = nil } }
    load.begin()
    return try await reports.wait(count: 1)[0]
  }

  private func plan(_ url: String, _ subscribers: Int, _ change: (inout LoadPlan) -> Void = { _ in }) -> LoadPlan {
    var plan = LoadPlan(url: url)
    plan.subscribers = subscribers
    plan.settle = .zero
    // The tests end their loads themselves.
    plan.duration = .seconds(120)
    change(&plan)
    return plan
  }

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

  @Test func openLoopPublishesWhateverBecomesOfIt() async throws {
    let hub = try Hub()
    let report = try await run(
      plan(hub.url + "/sub/0", 5) {
        $0.stalled = 2
        $0.topics = 1
        $0.publisher = PublisherPlan(url: hub.url + "/pub/0")
        $0.publisher?.pace = .rate(1000)
        $0.publisher?.limit = 30
        $0.publisher?.connections = 2
      }
    ) { $0.deliveries >= 90 }
    #expect(report.connected == 5)
    #expect(report.stalled == 2)
    #expect(report.deliveries == 90)
    #expect(report.published <= 30)
    await hub.server.stop()
  }

  @Test func eventThatWasOvertakenCountsToo() async throws {
    let peer = try ScriptedPeer()
    let gotLater = Watched(false)
    let plan = plan(peer.url("/"), 1) {
      $0.publisher = PublisherPlan(url: peer.url("/pub"))
      $0.publisher?.pace = .window(2)
      $0.publisher?.limit = 2
      $0.publisher?.connections = 2
    }
    async let report = run(plan) {
      if $0.deliveries == 1 { gotLater.update { $0 = true } }
      return false
    }
    let subscriber = try await peer.nextConnection()
    _ = try await subscriber.request()
    try await subscriber.respondEventStream()
    let publishers = try await [peer.nextConnection(), peer.nextConnection()]
    var events: [String] = []
    for publisher in publishers { events.append(String(decoding: try await publisher.request().body, as: UTF8.self)) }
    #expect(events[0] < events[1])
    try await subscriber.sendChunk("data: \(events[1])\n\n")
    try await gotLater.wait(for: "the later event") { $0 ? () : nil }
    for publisher in publishers { try await publisher.respond() }
    try await subscriber.sendChunk("data: \(events[0])\n\n")
    let result = try await report
    #expect(result.deliveries == 2)
    #expect(result.published == 2)
    peer.closeAll()
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

  /// One that is refused, and one whose answer is lost: the events after them are published all the same.
  @Test func windowIsFreeAgainAfterAFailedPublish() async throws {
    let peer = try ScriptedPeer()
    let plan = plan(peer.url("/"), 1) {
      $0.publisher = PublisherPlan(url: peer.url("/pub"))
      $0.publisher?.limit = 3
    }
    async let report = run(plan)
    let subscriber = try await peer.nextConnection()
    _ = try await subscriber.request()
    try await subscriber.respondEventStream()
    let first = try await peer.nextConnection()
    _ = try await first.request()
    try await first.respond(status: 503)
    _ = try await first.request()
    first.close()
    let second = try await peer.nextConnection()
    let event = try await second.request().bodyText
    try await subscriber.sendChunk("data: \(event)\n\n")
    try await second.respond()
    // It ends by itself: everything was published, and what was taken has arrived.
    let result = try await report
    #expect(result.deliveries == 1)
    #expect(result.published == 1)
    #expect(result.refusedPublishes == 1)
    #expect(result.failedPublishes == 1)
    peer.closeAll()
  }

  /// What was not sent of one request is not the next connection's.
  @Test func newConnectionBeginsWithANewRequest() async throws {
    let peer = try ScriptedPeer(reading: false)
    let plan = plan(peer.url("/"), 1) {
      $0.publisher = PublisherPlan(url: peer.url("/pub"))
      $0.publisher?.body = "{time}" + String(repeating: "x", count: 8_000_000)
      $0.publisher?.limit = 2
      $0.publisher?.pace = .rate(2)
    }
    async let report = run(plan)
    let subscriber = try await peer.nextConnection()
    _ = try await subscriber.read(count: 1)
    try await subscriber.respondEventStream()
    let first = try await peer.nextConnection()
    _ = try await first.read(count: 1)
    first.reset()
    let second = try await peer.nextConnection()
    let head = "POST /pub HTTP/1.1\r\nHost: 127.0.0.1:\(peer.port)\r\nContent-Length: 8000017\r\n\r\n"
    _ = try await second.read(count: head.utf8.count + 8_000_017)
    let request = try await second.request()
    #expect(request.method == "POST")
    #expect(request.body.count == 8_000_017)
    try await second.respond()
    try await subscriber.sendChunk("data: \(request.bodyText.prefix(17))\n\n")
    #expect(try await report.published == 1)
    peer.closeAll()
  }

  @Test func publishersThatAreRefusedAreCounted() async throws {
    let hub = try Hub()
    let report = try await run(
      plan(hub.url + "/sub/0", 1) {
        $0.publisher = PublisherPlan(url: hub.url + "/pub/7")
        $0.publisher?.pace = .rate(1000)
        $0.publisher?.limit = 3
        $0.duration = .milliseconds(300)
      })
    #expect(report.published == 0)
    #expect(report.refusedPublishes <= 3)
    await hub.server.stop()
  }

  @Test func whatCannotBeLoadedIsSaid() {
    for url in ["https://127.0.0.1/", "127.0.0.1:80", "http://no.such.host.invalid/"] {
      #expect(throws: LoadError.self) { try Load(LoadPlan(url: url), onEnd: { _ in }) }
    }
  }
}
