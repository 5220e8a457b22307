import EventStreamLoad
import EventStreamServer
import TestSupport
import Testing

/// A load's publisher: in time or in step, and what becomes of a publish that fails.
@Suite(.paced, .timeLimit(.minutes(3)))
struct PublisherTests: Loading {
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

  /// With `Connection: close`, as HTTP/1.0, with a body that ends so, and between requests.
  @Test func connectionThatIsClosedProperlyIsMadeAgainForTheNextEvent() async throws {
    let peer = try ScriptedPeer()
    let plan = plan(peer.url("/"), 1) {
      $0.publisher = PublisherPlan(url: peer.url("/pub"))
      $0.publisher?.limit = 5
    }
    async let report = run(plan)
    let subscriber = try await peer.nextConnection()
    _ = try await subscriber.request()
    try await subscriber.respondEventStream()
    func deliver(_ request: RecordedRequest) async throws {
      try await subscriber.sendChunk("data: \(request.bodyText)\n\n")
    }
    let answers = [
      "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ]
    for answer in answers {
      let connection = try await peer.nextConnection()
      let request = try await connection.request()
      try await connection.send(answer)
      try await connection.closedByClient()
      try await deliver(request)
    }
    for answer in ["HTTP/1.1 200 OK\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"] {
      let connection = try await peer.nextConnection()
      let request = try await connection.request()
      try await connection.send(answer)
      connection.shutdownWrite()
      try await connection.closedByClient()
      try await deliver(request)
    }
    let last = try await peer.nextConnection()
    let request = try await last.request()
    try await last.respond()
    try await deliver(request)
    let result = try await report
    #expect(result.published == 5)
    #expect(result.deliveries == 5)
    #expect(result.failedPublishes == 0)
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
}
