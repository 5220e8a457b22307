import EventStreamClient
import TestSupport
import Testing
import TranslationClient

/// What `TranslationService` sends about many translations: lists and batches.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ServiceManyTests: ServiceRequesting {
  let peer: ScriptedPeer
  let service: TranslationService

  init() throws {
    peer = try ScriptedPeer()
    service = .quick(peer.url(""))
  }

  private func page(_ ids: [String], next: String? = nil) -> String {
    let objects = ids.map { Self.object.replacing("j1", with: $0) }.joined(separator: ",")
    return #"{"translations":[\#(objects)]\#(next.map { #","next":"\#($0)""# } ?? "")}"#
  }

  @Test func listIsFetchedPageByPage() async throws {
    let service = self.service
    let ids = Task {
      var ids: [String] = []
      for try await translation in service.translations([.running, .pending], pageSize: 2) {
        ids.append(translation.id)
      }
      return ids
    }
    var targets: [String] = []
    for body in [page(["a", "b"], next: "x&y"), page([], next: "z"), page(["c"])] {
      let (connection, request) = try await request()
      targets.append(request.target)
      try await connection.respond(headers: closing, body: body)
    }
    #expect(try await ids.value == ["a", "b", "c"])
    let query = "/translations?limit=2&status=running&status=pending"
    #expect(targets == [query, query + "&cursor=x%26y", query + "&cursor=z"])
  }

  @Test func loopThatIsLeftFetchesNoMore() async throws {
    let service = self.service
    let first = Task {
      for try await translation in service.translations() { return translation.id }
      return "none"
    }
    try await request().0.respond(headers: closing, body: page(["a", "b"], next: "x"))
    #expect(try await first.value == "a")
    #expect(peer.connectionCount == 1)
  }

  // MARK: Batches

  @Test func batchIsALineForEachAndSoIsItsAnswer() async throws {
    async let published = service.publish([
      ("a", StatusChange(status: .running, progress: 0.5), nil), ("b", StatusChange(status: .completed), "e-1"),
      ("c", StatusChange(status: .error, message: "no"), nil),
    ])
    let (connection, request) = try await request()
    try await connection.respond(
      headers: ["Connection": "close", "Content-Type": "application/x-ndjson"],
      body: #"""
        {"line":1,"code":200,"job":"a","id":"e-2"}
        {"line":2,"code":412,"job":"b","problem":\#(Self.problem(412, "It is another."))}
        {"line":3,"code":404,"job":"c","problem":\#(Self.problem(404, "There is none."))}

        """#)
    let results = try await published
    try #require(results.count == 3)
    #expect(try results[0].get() == "e-2")
    #expect(results[1] == .failure(.conflict("It is another", current: nil)))
    guard case .failure(.refused(let response)) = results[2] else { throw SocketError("\(results[2])") }
    #expect(response.status == 404)
    #expect(request.method == "POST" && request.target == "/translations/status")
    #expect(request["Content-Type"] == "application/x-ndjson")
    #expect(
      request.bodyText == """
        {"job":"a","status":"running","progress":0.5}
        {"job":"b","status":"completed","if_match":"e-1"}
        {"job":"c","status":"error","message":"no"}

        """)
  }

  /// A request has its limit, at the server or at a proxy, and hundreds of long messages are over it.
  @Test func longBatchGoesInSeveralRequests() async throws {
    let message = String(repeating: "\u{6F22}", count: 1000)
    let changes = (0..<50).map { ("\($0)", StatusChange(status: .running, message: message), String?.none) }
    async let published = service.publish(changes)
    var jobs: [String] = []
    var requests = 0
    while jobs.count < 50 {
      let (connection, request) = try await request()
      let lines = request.bodyText.split(separator: "\n")
      #expect(request.bodyText.utf8.count <= 65_536)
      let ids = try lines.map { try BatchChange(json: Array($0.utf8)).job }
      jobs += ids
      requests += 1
      try await connection.respond(
        headers: ["Connection": "close", "Content-Type": "application/x-ndjson"],
        body: ids.enumerated().map { "{\"line\":\($0 + 1),\"code\":200,\"job\":\"\($1)\",\"id\":\"e-\($1)\"}\n" }
          .joined())
    }
    #expect(jobs == (0..<50).map(String.init))
    #expect(requests == 3)
    #expect(try await published.map { try $0.get() } == jobs.map { "e-\($0)" })
  }

  @Test func whatIsNoNumberIsNotSent() async throws {
    for value in [Double.nan, .infinity] {
      let change = StatusChange(status: .running, progress: value)
      let simulated = NewTranslation(source: "de", target: "en", simulation: .init(seconds: value))
      await #expect(throws: TranslationError.invalidRequest("the progress is no number: \(value)")) {
        try await service.publish(change, to: "a")
      }
      await #expect(throws: TranslationError.invalidRequest("the progress is no number: \(value)")) {
        try await service.publish([("a", StatusChange(status: .running), nil), ("a", change, nil)])
      }
      await #expect(throws: TranslationError.invalidRequest("the time of a simulation is no number: \(value)")) {
        try await service.submit(simulated)
      }
    }
    #expect(peer.connectionCount == 0)
  }

  @Test func emptyBatchIsNotSent() async throws {
    #expect(try await service.publish([]).isEmpty)
    #expect(peer.connectionCount == 0)
  }
}
