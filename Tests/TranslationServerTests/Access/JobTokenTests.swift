import EventStreamServer
import TestSupport
import Testing

@testable import TranslationServer

/// Tokens that are good for some translations and for some time.
@Suite(.paced, .timeLimit(.minutes(3)))
struct JobTokenTests {
  private func guarded(at time: Double = 1000) throws -> Hub {
    try Hub { configuration in
      configuration.access.keys = try? Signer.keys
      configuration.access.now = { time }
    }
  }

  private func fields(_ claims: String, algorithm: String = "ES256") throws -> [String: String] {
    ["Authorization": "Bearer \(Signer.token(claims, algorithm: algorithm))"]
  }

  private func submit(_ hub: Hub) async throws -> String {
    let answer = try await hub.request(
      "POST", "/translations", #"{"source":"de","target":"en"}"#, fields: try fields(#"{"scope":"publish"}"#))
    return try #require(answer["id"])
  }

  @Test func othersAreNotSeen() async throws {
    let hub = try guarded()
    let (mine, other) = (try await submit(hub), try await submit(hub))
    let reader = try fields(#"{"scope":"subscribe","jobs":["\#(mine)","gone"]}"#)
    #expect(try await hub.request("GET", "/translations/\(mine)", fields: reader).status == 200)
    for target in [
      "/translations/\(other)", "/translations/\(other)/status", "/translations/unknown", "/status",
      "/translations/events?id=\(mine)&id=\(other)", "/translations/events?id=unknown",
    ] {
      let answer = try await hub.request("GET", target, fields: reader)
      #expect(answer.status == 403, "\(target)")
      #expect(answer.head["WWW-Authenticate"] == #"Bearer realm="translations", error="insufficient_scope""#)
    }
    let list = try await hub.request("GET", "/translations?limit=1", fields: reader)
    #expect(list.body.contains(mine) && !list.body.contains(other))
    #expect(list["next"] == nil)
    // All that it may see, and no more than that.
    let client = try await RawClient(port: hub.port)
    let all = reader.map { "\($0): \($1)\r\n" }.joined()
    try await client.send("GET /translations/events HTTP/1.1\r\nHost: a\r\n\(all)\r\n")
    #expect(try await client.response().status == 200)
    let worker = try fields(#"{"scope":"publish"}"#)
    for id in [other, mine] {
      for status in ["running", "completed"] {
        let answer = try await hub.publish("{\"status\":\"\(status)\"}", id, fields: worker)
        #expect(answer.status == 200)
      }
    }
    let events = blocks(try await client.bodyToEnd())
    #expect(!events.isEmpty && events.allSatisfy { $0.data.contains(mine) })
    let none = try fields(#"{"scope":"subscribe","jobs":[]}"#)
    #expect(try await hub.request("GET", "/translations/events", fields: none).status == 404)
    #expect(try await hub.request("GET", "/translations", fields: none).body.contains(#""translations":[]"#))
    await hub.server.stop()
  }

  @Test func othersAreNotChanged() async throws {
    let hub = try guarded()
    let (mine, other) = (try await submit(hub), try await submit(hub))
    let worker = try fields(#"{"scope":"publish","jobs":["\#(mine)"]}"#)
    let running = #"{"status":"running"}"#
    #expect(try await hub.publish(running, mine, fields: worker).status == 200)
    #expect(try await hub.publish(running, other, fields: worker).status == 403)
    #expect(try await hub.request("DELETE", "/translations/\(other)", fields: worker).status == 403)
    let new = try await hub.request("POST", "/translations", #"{"source":"de","target":"en"}"#, fields: worker)
    #expect(new.status == 403)
    let lines = [mine, other].map { "{\"job\":\"\($0)\",\"status\":\"completed\"}\n" }.joined()
    let batch = try await hub.request(
      "POST", "/translations/status", lines, type: "application/x-ndjson", fields: worker)
    let answers = batch.body.split(separator: "\n")
    #expect(answers.count == 2 && !answers[0].contains("403") && answers[1].contains("403"))
    // Reading takes another role.
    #expect(try await hub.request("GET", "/translations/\(mine)", fields: worker).status == 403)
    let unlimited = try fields(#"{"scope":"admin"}"#, algorithm: "EdDSA")
    #expect(try await hub.request("GET", "/translations/\(other)", fields: unlimited).body.contains("pending"))
    #expect(try await hub.request("GET", "/metrics", fields: unlimited).status == 200)
    let nothing = try await hub.request("GET", "/translations", fields: try fields("{}"))
    #expect(nothing.status == 403)
    await hub.server.stop()
  }

  @Test func streamEndsWithItsToken() async throws {
    // A moment before its end.
    let hub = try guarded(at: 999.999)
    let id = try await submit(hub)
    let claims = #"{"scope":"subscribe","exp":1000}"#
    let answer = try await hub.request("GET", "/translations/\(id)/status", fields: try fields(claims))
    #expect(answer.status == 200)
    // With its last chunk, and what there was.
    #expect(blocks(answer.body).count == 1)
    // Another one comes back, and goes on.
    let fresh = Signer.token(#"{"scope":"subscribe","exp":9999}"#)
    let stream = try await hub.stream("/translations/\(id)/status?access_token=\(fresh)")
    _ = try await stream.body(until: "\n\n")
    #expect(!stream.isClosedByServer)
    await hub.server.stop()
  }

  @Test func expiredTokenIsRefused() async throws {
    let hub = try guarded(at: 1000)
    let answer = try await hub.request("GET", "/status", fields: try fields(#"{"scope":"subscribe","exp":1000}"#))
    #expect(answer.status == 401)
    #expect(answer["detail"] == "The token has expired.")
    await hub.server.stop()
  }
}
