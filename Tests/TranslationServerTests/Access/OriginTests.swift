import EventStreamServer
import TestSupport
import Testing

@testable import TranslationServer

/// What pages of other origins may do.
@Suite(.paced, .timeLimit(.minutes(3)))
struct OriginTests {
  private let friend = "https://friend.example"

  private func hub(_ origins: String..., tokens: Bool = false) throws -> Hub {
    try Hub { configuration in
      configuration.access.allowedOrigins = origins
      if tokens {
        configuration.access.subscribeTokens = ["reader"]
        configuration.access.publishTokens = ["worker"]
      }
    }
  }

  private func preflight(_ hub: Hub, _ origin: String, _ method: String = "PUT") async throws -> Hub.Answer {
    try await hub.request(
      "OPTIONS", "/translations/x/status", fields: ["Origin": origin, "Access-Control-Request-Method": method])
  }

  @Test func listedOriginMayAll() async throws {
    let hub = try hub(friend, tokens: true)
    let answer = try await preflight(hub, friend)
    #expect(answer.status == 204)
    #expect(answer.head["Access-Control-Allow-Origin"] == friend)
    #expect(answer.head["Access-Control-Allow-Credentials"] == "true")
    #expect(answer.head["Access-Control-Allow-Methods"] == "GET, HEAD, POST, PUT, DELETE")
    for name in ["Last-Event-ID", "Authorization", "Content-Type", "If-Match"] {
      #expect(answer.head["Access-Control-Allow-Headers"]?.contains(name) == true)
    }
    #expect(answer.head["Access-Control-Max-Age"] == "3600")
    #expect(answer.head["Vary"] == "Origin")
    let published = try await hub.request(
      "POST", "/translations", #"{"source":"de","target":"en"}"#,
      fields: ["Origin": friend, "Authorization": "Bearer worker"])
    #expect(published.status == 201)
    #expect(published.head["Access-Control-Expose-Headers"] == "ETag, Location, Retry-After")
    let status = try await hub.request(
      "GET", "/status", fields: ["Accept": "application/json", "Authorization": "Bearer reader"])
    #expect(status.head["Vary"] == "Accept, Origin")
    #expect(status.head["Access-Control-Allow-Origin"] == nil)
    // A page has to see why it is refused.
    let refused = try await hub.request("GET", "/status", fields: ["Origin": friend])
    #expect(refused.status == 401 && refused.head["Access-Control-Allow-Origin"] == friend)
    let missing = try await hub.request(
      "GET", "/nothing", fields: ["Origin": friend, "Authorization": "Bearer reader"])
    #expect(missing.status == 404 && missing.head["Access-Control-Allow-Origin"] == friend)
    await hub.server.stop()
  }

  @Test func streamTellsItsOrigin() async throws {
    let hub = try hub(friend)
    let client = try await RawClient(port: hub.port)
    try await client.send("GET /status HTTP/1.1\r\nHost: a\r\nOrigin: \(friend)\r\n\r\n")
    let head = try await client.response()
    #expect(head["Access-Control-Allow-Origin"] == friend)
    #expect(head["Vary"] == "Accept, Origin")
    await hub.server.stop()
  }

  @Test func otherOriginMayNothing() async throws {
    for hub in [try hub(friend), try hub()] {
      for origin in ["https://foe.example", "null", "http://friend.example", "https://friend.example.org"] {
        let asked = try await preflight(hub, origin)
        #expect(asked.status >= 400)
        #expect(asked.head["Access-Control-Allow-Origin"] == nil)
        let changed = try await hub.request("DELETE", "/nothing", fields: ["Origin": origin])
        #expect(changed.status == 403)
        let read = try await hub.request("GET", "/translations", fields: ["Origin": origin])
        #expect(read.status == 200 && read.head["Access-Control-Allow-Origin"] == nil)
      }
      await hub.server.stop()
    }
  }

  @Test func anyOriginMayRead() async throws {
    let hub = try hub("*")
    let origin = "https://foe.example"
    let read = try await hub.request("GET", "/translations", fields: ["Origin": origin])
    #expect(read.head["Access-Control-Allow-Origin"] == "*")
    #expect(read.head["Access-Control-Allow-Credentials"] == nil)
    let asked = try await preflight(hub, origin)
    #expect(asked.status == 204 && asked.head["Access-Control-Allow-Methods"] == "GET, HEAD")
    #expect(asked.head["Access-Control-Allow-Headers"] == "Last-Event-ID")
    #expect(try await hub.request("DELETE", "/nothing", fields: ["Origin": origin]).status == 403)
    await hub.server.stop()
  }

  /// A question that a browser would not ask like this, before its body is there.
  @Test func preflightMayBringABody() async throws {
    let hub = try hub(friend, tokens: true)
    for length in ["Content-Length: 5000\r\n", "Transfer-Encoding: chunked\r\n"] {
      let client = try await RawClient(port: hub.port)
      try await client.send(
        "OPTIONS /translations HTTP/1.1\r\nHost: a\r\nOrigin: \(friend)\r\nAccess-Control-Request-Method: PUT\r\n"
          + length + "\r\n")
      #expect(try await client.response().status == 204)
      try await client.closedByServer()
    }
    await hub.server.stop()
  }

  @Test func ownPageMayAll() async throws {
    let hub = try hub(tokens: true)
    for origin in ["http://localhost", "https://localhost", "http://LocalHost"] {
      let answer = try await hub.request(
        "DELETE", "/nothing", fields: ["Origin": origin, "Authorization": "Bearer worker"])
      #expect(answer.status == 404)
    }
    for origin in ["http://localhost:81", "localhost", "ftp://localhost"] {
      let answer = try await hub.request(
        "DELETE", "/nothing", fields: ["Origin": origin, "Authorization": "Bearer worker"])
      #expect(answer.status == 403)
    }
    await hub.server.stop()
  }
}
