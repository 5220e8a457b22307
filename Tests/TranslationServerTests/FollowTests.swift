import EventStreamServer
import TestSupport
import Testing
import TranslationAPI
import TranslationServer

/// Many translations are followed over one connection, and resumed.
@Suite(.paced, .timeLimit(.minutes(3)))
struct FollowTests {
  private func updates(_ stream: String) throws -> [StatusUpdate] {
    try blocks(stream).map { try StatusUpdate(json: $0.data) }
  }

  @Test func chosenTranslationsAreFollowedUntilAllHaveEnded() async throws {
    let hub = try Hub()
    let ids = try await [hub.submit(), hub.submit(), hub.submit()]
    let target = "/translations/events?id=\(ids[0])&id=\(ids[2])&id=\(ids[0])"
    let stream = try await hub.stream(target)
    for id in ids { try await hub.publish(#"{"status":"running"}"#, id) }
    for id in ids.reversed() { try await hub.publish(#"{"status":"completed"}"#, id) }
    let text = try await stream.bodyToEnd()
    #expect(
      try updates(text).map { "\($0.job == ids[0] ? 0 : 2) \($0.status)" } == [
        "0 pending", "2 pending", "0 running", "2 running", "2 completed", "0 completed",
      ])
    let last = try #require(blocks(text).last?.id)
    #expect(try await hub.request("GET", target, fields: ["Last-Event-ID": last]).status == 204)
    await hub.server.stop()
  }

  @Test func resumedByHeaderOrQuery() async throws {
    let hub = try Hub()
    let id = try await hub.submit()
    var eventIDs: [String] = []
    for number in 1...5 {
      eventIDs.append(
        try #require(try await hub.publish("{\"status\":\"running\",\"progress\":0.\(number)}", id)["id"]))
    }
    for path in ["/translations/\(id)/status", "/translations/events", "/translations/events?id=\(id)"] {
      let byHeader = try await hub.stream(path, lastEventID: eventIDs[1])
      let separator = path.contains("?") ? "&" : "?"
      let byQuery = try await hub.stream("\(path)\(separator)last_event_id=\(eventIDs[1])")
      for stream in [byHeader, byQuery] {
        let text = try await events(of: stream, until: "0.5,\"job\":\"\(id)\"")
        #expect(blocks(text).map(\.id) == Array(eventIDs[2...]))
      }
    }
    await hub.server.stop()
  }

  @Test func anotherLifeIsToldByAReset() async throws {
    let hub = try Hub()
    let id = try await hub.submit()
    let one = blocks(try await hub.stream("/translations/\(id)/status", lastEventID: "gone-7").body(until: "\n\n"))
    #expect(one.map(\.type) == ["reset"])
    #expect(try StatusUpdate(json: one[0].data).job == id)
    let all = try await hub.stream("/translations/events", lastEventID: "gone-7")
    let events = blocks(try await events(of: all, until: "\"\(id)\""))
    #expect(events.map(\.type) == ["reset", "message", "message"])
    #expect(events[0].data == #"{"events":2}"#)
    await hub.server.stop()
  }

  @Test func historyOfOneIsBounded() async throws {
    let hub = try Hub { $0.history.eventsPerChannel = 4 }
    let id = try await hub.submit()
    let first = try #require(try await hub.publish(#"{"status":"running","progress":0}"#, id)["id"])
    for number in 1...6 { try await hub.publish("{\"status\":\"running\",\"progress\":0.\(number)}", id) }
    let late = blocks(try await hub.stream("/translations/\(id)/status", lastEventID: first).body(until: "\n\n"))
    #expect(late.map(\.type) == ["reset"])
    #expect(try StatusUpdate(json: late[0].data).progress == 0.6)
    await hub.server.stop()
  }

  @Test func readinessEndsWithTheDrain() async throws {
    let hub = try Hub {
      $0.reconnectionRate = 1
      $0.retry = .seconds(1)
    }
    #expect(try await hub.request("GET", "/healthz/ready").status == 200)
    let streams = try await [hub.stream("/status"), hub.stream("/status"), hub.stream("/status")]
    async let stopped: Void = hub.server.stop(within: .seconds(60))
    while try await hub.request("GET", "/healthz/ready").status == 200 {}
    #expect(try await hub.request("GET", "/healthz/ready").status == 503)
    #expect(try await hub.request("GET", "/healthz/live").status == 200)
    let refused = try await hub.request("GET", "/status")
    #expect(refused.status == 503)
    #expect(refused.head["Retry-After"] != nil)
    // What workers say still counts.
    let id = try await hub.submit()
    #expect(try await hub.publish(#"{"status":"running"}"#, id).status == 200)
    for stream in streams {
      #expect(try await stream.bodyToEnd().split(separator: "\n").count { $0.hasPrefix("retry: ") } == 2)
    }
    await stopped
  }
}
