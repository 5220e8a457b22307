import EventStreamServer
import TestSupport
import Testing
import TranslationAPI
import TranslationServer

/// Translations are submitted, looked at, listed and cancelled.
@Suite(.paced, .timeLimit(.minutes(3)))
struct TranslationsTests {
  @Test func submittedTranslationIsThereAndPending() async throws {
    let hub = try Hub()
    let answer = try await hub.request(
      "POST", "/translations", #"{"source":"de","target":"zh-Hant","title":"Fäust","unknown":[1]}"#)
    #expect(answer.status == 201)
    let id = try #require(answer["id"])
    #expect(id.wholeMatch(of: /[A-Za-z0-9]{22}/) != nil)
    #expect(answer.head["Location"] == "/translations/\(id)")
    #expect(answer["status_url"] == "/translations/\(id)/status")
    let seen = try await hub.request("GET", "/translations/\(id)")
    #expect(seen.status == 200)
    #expect(seen.body == answer.body)
    let translation = try #require(Translation(json: Array(seen.body.utf8)))
    #expect(translation.title == "Fäust")
    #expect(translation.latest.status == .pending)
    #expect(translation.latest.timestamp == translation.created)
    await hub.server.stop()
  }

  @Test func idsAreNeverTheSame() async throws {
    let hub = try Hub()
    var ids: Set<String> = []
    for _ in 0..<50 { ids.insert(try await hub.submit()) }
    #expect(ids.count == 50)
    await hub.server.stop()
  }

  @Test func sameIdempotencyKeyIsTheSameTranslation() async throws {
    let hub = try Hub()
    let body = #"{"source":"de","target":"en"}"#
    let key = ["Idempotency-Key": "\"a b\""]
    let first = try await hub.request("POST", "/translations", body, fields: key)
    // Said otherwise, it is the same request.
    let again = try await hub.request("POST", "/translations", #"{ "target":"en","source":"de"}"#, fields: key)
    #expect(again.status == 201)
    #expect(again.body == first.body)
    #expect(again.head["Location"] == first.head["Location"])
    let other = try await hub.request("POST", "/translations", #"{"source":"de","target":"fr"}"#, fields: key)
    #expect(other.status == 422)
    #expect(try await hub.request("POST", "/translations", body).body != first.body)
    for key in ["", String(repeating: "x", count: 256), "é"] {
      #expect(try await hub.request("POST", "/translations", body, fields: ["Idempotency-Key": key]).status == 400)
    }
    await hub.server.stop()
  }

  @Test func simulatedTranslationRunsByItself() async throws {
    let hub = try Hub()
    let id = try await hub.submit(#","simulate":{"seconds":0.1,"fail":"no such language","steps":1}"#)
    let stream = try await hub.stream("/translations/\(id)/status").bodyToEnd()
    let last = try StatusUpdate(json: try #require(blocks(stream).last?.data))
    #expect(last.status == .error)
    #expect(last.message == "no such language")
    #expect(last.progress == 0.5)
    #expect(last.job == id)
    await hub.server.stop()
  }

  @Test func listComesInPagesTheNewestFirst() async throws {
    let hub = try Hub()
    var ids: [String] = []
    for _ in 0..<25 { ids.append(try await hub.submit()) }
    try await hub.publish(#"{"status":"running"}"#, ids[3])
    try await hub.publish(#"{"status":"completed"}"#, ids[7])
    func list(_ query: String) async throws -> TranslationList {
      try #require(TranslationList(json: Array(try await hub.request("GET", "/translations?\(query)").body.utf8)))
    }
    var seen: [String] = []
    var cursor: String? = nil
    repeat {
      let page = try await list("limit=10" + (cursor.map { "&cursor=\($0)" } ?? ""))
      #expect(page.translations.count <= 10)
      seen += page.translations.map(\.id)
      cursor = page.next
      // What is added meanwhile moves nothing.
      _ = try await hub.submit()
    } while cursor != nil
    // The server's own is the oldest.
    #expect(Array(seen.dropLast()) == ids.reversed())
    #expect(try await list("status=running").translations.map(\.id) == [ids[3]])
    #expect(try await list("status=running&status=completed").translations.map(\.id) == [ids[7], ids[3]])
    #expect(try await list("status=error").translations.isEmpty)
    for (query, field) in [
      ("status=done", "status"), ("limit=0", "limit"), ("limit=501", "limit"), ("cursor=%2D", "cursor"),
      ("cursor=%2B1", "cursor"), ("cursor=A", "cursor"),
    ] {
      let answer = try await hub.request("GET", "/translations?\(query)")
      #expect(answer.status == 422)
      #expect(answer["field"] == field)
    }
    await hub.server.stop()
  }

  @Test func cancelledTranslationEndsItsStreams() async throws {
    let hub = try Hub()
    let id = try await hub.submit()
    try await hub.publish(#"{"status":"running","progress":0.5}"#, id)
    let stream = try await hub.stream("/translations/\(id)/status")
    _ = try await stream.body(until: "\n\n")
    let stale = try await hub.request("DELETE", "/translations/\(id)", fields: ["If-Match": "\"x-1\""])
    #expect(stale.status == 412)
    #expect(stale.members["current"]?.object?["status"] != .string("cancelled"))
    let answer = try await hub.request("DELETE", "/translations/\(id)", fields: ["If-Match": "*"])
    #expect(answer.status == 200)
    #expect(answer["status"] == "cancelled")
    let last = try #require(blocks(try await stream.bodyToEnd()).last)
    #expect(try StatusUpdate(json: last.data).status == .cancelled)
    // Again, also under a condition that held when it was cancelled.
    for fields in [[:], ["If-Match": "\"x-1\""]] {
      #expect(try await hub.request("DELETE", "/translations/\(id)", fields: fields).body == answer.body)
    }
    let late = try await hub.publish(#"{"status":"completed"}"#, id)
    #expect(late.status == 409)

    let done = try await hub.submit()
    try await hub.publish(#"{"status":"completed"}"#, done)
    let conflict = try await hub.request("DELETE", "/translations/\(done)")
    #expect(conflict.status == 409)
    #expect(conflict.members["current"]?.object?["status"] == .string("completed"))
    await hub.server.stop()
  }

  @Test func beyondTheLimitIs503UntilOneIsGone() async throws {
    let hub = try Hub {
      // The server's own is one of them.
      $0.maxJobs = 3
      $0.retention = .milliseconds(1)
    }
    let ids = try await [hub.submit(), hub.submit()]
    let full = try await hub.request("POST", "/translations", #"{"source":"de","target":"en"}"#)
    #expect(full.status == 503)
    #expect(full.head["Retry-After"] != nil)
    try await hub.publish(#"{"status":"completed"}"#, ids[0])
    while try await hub.request("GET", "/translations/\(ids[0])").status == 200 {}
    _ = try await hub.submit()
    await hub.server.stop()
  }

  @Test func whatWasKeptLongEnoughIs410AndWhatNeverWas404() async throws {
    let hub = try Hub { $0.retention = .milliseconds(1) }
    let id = try await hub.submit()
    let stream = try await hub.stream("/translations/\(id)/status")
    try await hub.publish(#"{"status":"completed"}"#, id)
    #expect(try StatusUpdate(json: try #require(blocks(try await stream.bodyToEnd()).last?.data)).status == .completed)
    while try await hub.request("GET", "/translations/\(id)").status == 200 {}
    for (id, status) in [(id, 410), ("AAAAAAAAAAAAAAAAAAAAAA", 404), ("%2E", 404), ("", 404)] {
      for (method, path) in [
        ("GET", "/translations/\(id)"), ("DELETE", "/translations/\(id)"), ("GET", "/translations/\(id)/status"),
        ("PUT", "/translations/\(id)/status"), ("GET", "/translations/events?id=\(id)"),
      ] {
        let answer = try await hub.request(method, path, method == "PUT" ? #"{"status":"running"}"# : nil)
        #expect(answer.status == status, "\(method) \(path)")
        #expect(answer.head["Content-Type"] == "application/problem+json")
      }
    }
    // The server's own is kept for good.
    #expect(try await hub.request("GET", "/status", fields: ["Accept": "application/json"]).status == 200)
    await hub.server.stop()
  }
}
