import EventStreamServer
import TestSupport
import Testing
import TranslationAPI

@testable import TranslationServer

/// Workers say how far they are.
@Suite(.paced, .timeLimit(.minutes(3)))
struct PublishTests {
  @Test func publishedStatusIsWhatEverybodySees() async throws {
    let hub = try Hub()
    let id = try await hub.submit()
    let stream = try await hub.stream("/translations/\(id)/status")
    let first = try await stream.body(until: "\n\n")
    let answer = try await hub.publish(#"{"status":"running","progress":0.25,"message":"page 1 of 4"}"#, id)
    #expect(answer.status == 200)
    let update = try #require(PublishedUpdate(json: Array(answer.body.utf8)))
    #expect(answer.head["ETag"] == "\"\(update.id)\"")
    #expect(update.update.job == id)
    let event = try #require(blocks(try await stream.body(until: "\n\n")).first)
    #expect(event.id == update.id)
    #expect(try StatusUpdate(json: event.data) == update.update)
    let json = try await hub.request("GET", "/translations/\(id)/status", fields: ["Accept": "application/json"])
    #expect(json.body == update.update.json)
    #expect(json.head["ETag"] == answer.head["ETag"])
    #expect(first.contains("\"pending\""))
    await hub.server.stop()
  }

  @Test func repeatedChangeIsTheOneThatWasMade() async throws {
    let hub = try Hub()
    let id = try await hub.submit()
    for change in [#"{"status":"running","progress":0.5}"#, #"{"status":"completed"}"#] {
      let first = try await hub.publish(change, id)
      #expect(try await hub.publish(change, id).body == first.body)
      // Also under a condition that held when it was made.
      #expect(try await hub.publish(change, id, fields: ["If-Match": "\"x-0\""]).body == first.body)
    }
    let numbers = blocks(try await hub.stream("/translations/\(id)/status", lastEventID: "").bodyToEnd()).map(\.id)
    #expect(numbers.count == 1)
    await hub.server.stop()
  }

  @Test func conflictTellsTheCurrentStatusAndChangesNothing() async throws {
    let hub = try Hub()
    let id = try await hub.submit()
    let current = try await hub.publish(#"{"status":"running","progress":0.5}"#, id)
    for change in [
      #"{"status":"running","progress":0.4}"#, #"{"status":"pending"}"#, #"{"status":"error","progress":0}"#,
    ] {
      let answer = try await hub.publish(change, id)
      #expect(answer.status == 409)
      #expect(answer.members["current"] == (try JSONValue(json: Array(current.body.utf8))))
    }
    let etag = try #require(current.head["ETag"])
    #expect(
      try await hub.publish(#"{"status":"running","progress":0.55}"#, id, fields: ["If-Match": "\"x-1\""]).status == 412
    )
    #expect(
      try await hub.publish(#"{"status":"running","progress":0.6}"#, id, fields: ["If-Match": "\"x\", \(etag)"]).status
        == 200)
    // In two lines of the head, which are one list.
    let latest = try await hub.request("GET", "/translations/\(id)/status", fields: ["Accept": "application/json"])
    let lines = "\"x\"\r\nIf-Match: \(try #require(latest.head["ETag"]))"
    #expect(
      try await hub.publish(#"{"status":"running","progress":0.7}"#, id, fields: ["If-Match": lines]).status == 200)
    #expect(try await hub.publish(#"{"status":"error","message":"m"}"#, id, fields: ["If-Match": "*"]).status == 200)
    #expect(try await hub.publish(#"{"status":"completed"}"#, id).status == 409)
    await hub.server.stop()
  }

  @Test(
    arguments: [
      ("", 400, nil), ("{", 400, nil), (#"{"status":"running",}"#, 400, nil), ("[]", 422, nil), ("{}", 422, "status"),
      (#"{"status":1}"#, 422, "status"), (#"{"status":"done"}"#, 422, "status"),
      (#"{"status":"cancelled"}"#, 422, "status"), (#"{"status":"running","progress":1.5}"#, 422, "progress"),
      (#"{"status":"running","progress":"1"}"#, 422, "progress"),
      (#"{"status":"running","progress":-0.1}"#, 422, "progress"),
      (#"{"status":"running","message":1}"#, 422, "message"),
      (#"{"status":"running","message":"\#(String(repeating: "x", count: 1001))"}"#, 422, "message"),
    ] as [(String, Int, String?)])
  func badChangeIsRefusedAndNamed(body: String, status: Int, field: String?) async throws {
    let hub = try Hub()
    let id = try await hub.submit()
    let before = try await hub.request("GET", "/translations/\(id)").body
    let answer = try await hub.publish(body, id)
    #expect(answer.status == status)
    #expect(answer.head["Content-Type"] == "application/problem+json")
    #expect(answer["field"] == field)
    #expect((answer.members["position"] != nil) == (status == 400))
    #expect(try await hub.request("GET", "/translations/\(id)").body == before)
    await hub.server.stop()
  }

  @Test(
    arguments: [
      (#"{"target":"en"}"#, "source"), (#"{"source":"de","target":"english-"}"#, "target"),
      (#"{"source":"d","target":"en"}"#, "source"), (#"{"source":null,"target":"en"}"#, "source"),
      (#"{"source":"de","target":"en","title":"a\nb"}"#, "title"),
      (#"{"source":"de","target":"en","title":"\#(String(repeating: "x", count: 201))"}"#, "title"),
      (#"{"source":"de","target":"en","simulate":1}"#, "simulate"),
      (#"{"source":"de","target":"en","simulate":{}}"#, "simulate.seconds"),
      (#"{"source":"de","target":"en","simulate":{"seconds":-1}}"#, "simulate.seconds"),
      (#"{"source":"de","target":"en","simulate":{"seconds":1,"steps":0.5}}"#, "simulate.steps"),
      (#"{"source":"de","target":"en","simulate":{"seconds":1,"fail":3}}"#, "simulate.fail"),
    ])
  func badSubmissionIsRefusedAndNamed(body: String, field: String) async throws {
    let hub = try Hub()
    let answer = try await hub.request("POST", "/translations", body)
    #expect(answer.status == 422)
    #expect(answer["field"] == field)
    await hub.server.stop()
  }

  @Test func wrongMediaTypeIs415AndTooMuch413() async throws {
    let hub = try Hub { $0.http.maxBody = 1000 }
    let id = try await hub.submit()
    let paths = [("POST", "/translations"), ("PUT", "/translations/\(id)/status"), ("POST", "/translations/status")]
    for (method, path) in paths {
      #expect(try await hub.request(method, path, "{}", type: "text/plain").status == 415)
      #expect(try await hub.request(method, path, String(repeating: "x", count: 1001)).status == 413)
    }
    #expect(try await hub.publish(#"{"status":"running"}"#, id).status == 200)
    #expect(
      try await hub.request(
        "PUT", "/translations/\(id)/status", #"{"status":"running"}"#, type: "Application/JSON; charset=utf-8"
      ).status == 200)
    await hub.server.stop()
  }

  @Test func batchHasLimits() async throws {
    let hub = try Hub { $0.http.maxBody = 1 << 20 }
    let id = try await hub.submit()
    // Six bytes each in JSON.
    let message = String(repeating: "\\u0001", count: 1000)
    #expect(try await hub.publish("{\"status\":\"completed\",\"message\":\"\(message)\"}", id).status == 200)
    let line = #"{"job":"\#(id)","status":"running"}"# + "\n"
    func batch(_ line: String, _ lines: Int) async throws -> Hub.Answer {
      try await hub.request(
        "POST", "/translations/status", String(repeating: line, count: lines), type: "application/x-ndjson")
    }
    let full = try await batch(line, 300)
    let answers = full.body.split(separator: "\n").map { BatchAnswer(json: Array($0.utf8))?.result }
    #expect(answers.count == 300 && full.body.utf8.count < 1_500_000)
    func current(_ answer: Result<String, Problem>??) -> String? {
      if case .failure(let problem)?? = answer, problem.status == 409 { problem.current ?? "left out" } else { nil }
    }
    #expect(current(answers.first)?.contains("completed") == true)
    #expect(current(answers.last) == "left out")
    #expect(try await batch(" \n", 10_000).status == 200)
    #expect(try await batch(" \n", 10_001).status == 413)
    await hub.server.stop()
  }

  @Test func batchIsAnsweredLineByLine() async throws {
    let hub = try Hub()
    let ids = try await [hub.submit(), hub.submit()]
    let answer = try await hub.request(
      "POST", "/translations/status",
      """
      {"job":"\(ids[0])","status":"running","progress":0.5}\r
      {"job":"\(ids[1])","status":"completed"}

      {"job":"nobody","status":"running"}
      {"job":"\(ids[0])","status":"running","progress":0.1}
      not json
      {"job":"\(ids[1])","status":"error"}
      {"job":"\(ids[0])","status":"completed","if_match":"x-1"}
      """, type: "application/x-ndjson")
    #expect(answer.status == 200)
    #expect(answer.head["Content-Type"] == "application/x-ndjson")
    let lines = answer.body.split(separator: "\n").compactMap { BatchAnswer(json: Array($0.utf8)) }
    #expect(lines.map(\.line) == [1, 2, 4, 5, 6, 7, 8])
    let codes = lines.map { line in
      switch line.result {
      case .success: 200
      case .failure(let problem): problem.status
      }
    }
    #expect(codes == [200, 200, 404, 409, 400, 409, 412])
    #expect(try await hub.request("GET", "/translations/\(ids[0])")["status"] == "running")
    #expect(try await hub.request("GET", "/translations/\(ids[1])")["status"] == "completed")
    await hub.server.stop()
  }

  @Test(
    arguments: [
      (StatusChange(status: .running), StatusUpdate(status: .running, timestamp: 9, progress: 0.5, job: "j")),
      (StatusChange(status: .completed), StatusUpdate(status: .completed, timestamp: 9, progress: 1, job: "j")),
      (
        StatusChange(status: .error, message: "m"),
        StatusUpdate(status: .error, timestamp: 9, progress: 0.5, message: "m", job: "j")
      ),
    ])
  func whatIsNotSaidStays(change: StatusChange, next: StatusUpdate) {
    let latest = StatusUpdate(status: .running, timestamp: 5, progress: 0.5, message: "old", job: "j")
    #expect(StatusRules.verdict(on: change, after: latest, at: 9) == .next(next))
  }

  @Test func clockThatWasSetBackDoesNotSetTheStatusBack() {
    let latest = StatusUpdate(status: .pending, timestamp: 50, job: "j")
    #expect(
      StatusRules.verdict(on: StatusChange(status: .running), after: latest, at: 9)
        == .next(StatusUpdate(status: .running, timestamp: 50, job: "j")))
  }
}
