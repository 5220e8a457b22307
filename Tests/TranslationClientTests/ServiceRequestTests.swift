import EventStreamClient
import TestSupport
import Testing
import TranslationClient

/// What `TranslationService` sends, and what it makes of the answers.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ServiceRequestTests: ServiceRequesting {
  let peer: ScriptedPeer
  let service: TranslationService

  init() throws {
    peer = try ScriptedPeer()
    service = .quick(peer.url(""))
  }

  @Test func submissionIsRepeatedWithItsKeyUntilItIsAnswered() async throws {
    async let submitted = service.submit(NewTranslation(source: "de", target: "en", title: "x"))
    let (lost, first) = try await request()
    lost.close()
    let (refused, second) = try await request()
    try await refused.respond(status: 503, headers: ["Connection": "close", "Retry-After": "0"])
    let (last, third) = try await request()
    try await last.respond(status: 201, headers: closing, body: Self.object)
    #expect(try await submitted.id == "j1")
    #expect(first.method == "POST" && first.target == "/translations")
    #expect(first["Content-Type"] == "application/json" && first["Accept"] == "application/json")
    #expect(first.bodyText == #"{"source":"de","target":"en","title":"x"}"#)
    let key = try #require(first["Idempotency-Key"])
    #expect(key.count > 16)
    #expect([second["Idempotency-Key"], third["Idempotency-Key"]] == [key, key])
    #expect([second.bodyText, third.bodyText] == [first.bodyText, first.bodyText])
  }

  @Test func submissionsHaveKeysOfTheirOwnUnlessTheCallerHasOne() async throws {
    var keys: Set<String> = []
    for key in [nil, nil, "mine"] {
      async let submitted = service.submit(NewTranslation(source: "de", target: "en"), idempotencyKey: key)
      let (connection, request) = try await request()
      try await connection.respond(status: 201, headers: closing, body: Self.object)
      _ = try await submitted
      keys.insert(try #require(request["Idempotency-Key"]))
    }
    #expect(keys.count == 3 && keys.contains("mine"))
  }

  @Test func reportIsRepeatedUntilItIsAnswered() async throws {
    async let published = service.publish(StatusChange(status: .running, progress: 0.5), to: "j 1", ifMatch: "e-1")
    for status in [429, 500] {
      let (connection, _) = try await request()
      try await connection.respond(status: status, headers: ["Connection": "close"])
    }
    let (lost, _) = try await request()
    lost.reset()
    let (connection, last) = try await request()
    try await connection.respond(
      headers: closing, body: #"{"id":"e-2","status":"running","timestamp":2,"progress":0.5,"job":"j 1"}"#)
    #expect(try await published.id == "e-2")
    #expect(last.method == "PUT" && last.target == "/translations/j%201/status")
    #expect(last["If-Match"] == "\"e-1\"")
    #expect(last.bodyText == #"{"status":"running","progress":0.5}"#)
  }

  @Test(arguments: [400, 401, 404, 410, 413, 415, 422])
  func refusalIsToldAtOnceInTheServersWords(status: Int) async throws {
    async let published = failure { try await service.publish(StatusChange(status: .running), to: "j1") }
    let (connection, _) = try await request()
    try await connection.respond(
      status: status, headers: ["Connection": "close", "Content-Type": "application/problem+json"],
      body: Self.problem(status, "No, because."))
    let error = try #require(await published)
    guard case .refused(let response) = error else { throw error }
    #expect(response.status == status)
    #expect("\(error)" == "the server answered \(status): No, because")
    #expect(peer.connectionCount == 1)
  }

  @Test(arguments: [409, 412])
  func conflictCarriesTheCurrentStatus(status: Int) async throws {
    async let published = failure { try await service.publish(StatusChange(status: .running), to: "j1") }
    let (connection, _) = try await request()
    try await connection.respond(
      status: status, headers: ["Connection": "close", "Content-Type": "application/problem+json"],
      body: Self.problem(
        status, "It has ended.", #","current":{"status":"completed","timestamp":3,"job":"j1","id":"e-9"}"#))
    let current = PublishedUpdate(id: "e-9", update: StatusUpdate(status: .completed, timestamp: 3, job: "j1"))
    #expect(await published == .conflict("It has ended", current: current))
    #expect(peer.connectionCount == 1)
  }

  @Test func serverThatStaysAwayIsGivenUp() async throws {
    async let asked = failure { try await service.get("j1") }
    for _ in 0..<4 { try await request().0.close() }
    guard case .unreachable = await asked else {
      Issue.record("it was something else")
      return
    }
    #expect(peer.connectionCount == 4)
  }

  @Test func answerThatIsNoTranslationIsRefused() async throws {
    for body in ["", "{}", "<html>", "[]", #"{"id":"j1"}"#] {
      async let asked = failure { try await service.get("j1") }
      try await request().0.respond(headers: closing, body: body)
      guard case .refused = await asked else {
        Issue.record("\(body) was taken")
        return
      }
    }
  }

  @Test func baseURLMayHaveAPath() async throws {
    for (base, path) in [("", "/"), ("/", "/"), ("/hub", "/hub/"), ("/hub//", "/hub/")] {
      let service = TranslationService.quick(peer.url(base))
      async let asked = service.get("a/..?b")
      let (connection, request) = try await request()
      try await connection.respond(headers: closing, body: Self.object)
      _ = try await asked
      #expect(request.target == "\(path)translations/a%2F%2E%2E%3Fb")
    }
  }
}
