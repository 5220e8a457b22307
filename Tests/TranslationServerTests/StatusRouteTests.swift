import EventStreamServer
import TestSupport
import Testing
import TranslationAPI
import TranslationServer

/// Which forms a status has, and what there is besides.
@Suite(.paced, .timeLimit(.minutes(3)))
struct StatusRouteTests: StatusAsking {
  @Test func headOfEveryForm() async throws {
    let (server, port) = try start()
    for type in ["text/event-stream", "application/json", "text/html"] {
      let (client, head) = try await request(port, "HEAD", accept: type)
      #expect(head.status == 200)
      #expect(head["Content-Type"]?.hasPrefix(type) == true)
      #expect(head["Vary"] == "Accept")
      client.shutdownWrite()
      #expect(try await client.readToEnd() == "")
    }
    await server.stop()
  }

  @Test(arguments: [("/status", "new EventSource(stream)"), ("/", "new EventSource(`${root}translations/events")])
  func pageIsSelfContained(target: String, connection: String) async throws {
    let (server, port) = try start()
    let (client, head) = try await request(port, "GET", target, accept: "text/html,application/xml;q=0.9,*/*;q=0.8")
    #expect(head["Content-Type"] == "text/html; charset=utf-8")
    #expect(head["X-Content-Type-Options"] == "nosniff")
    let policy = try #require(head["Content-Security-Policy"])
    #expect(policy.hasPrefix("default-src 'none'; "))
    #expect(!policy.contains("unsafe"))
    #expect(policy.contains("frame-ancestors 'none'"))
    #expect(head["Referrer-Policy"] == "no-referrer")
    let nonce = try #require(policy.split(separator: "'nonce-").dropFirst().first?.split(separator: "'").first)
    let page = try await client.bodyToEnd()
    #expect(page.contains("<script nonce=\"\(nonce)\">") && page.contains("<style nonce=\"\(nonce)\">"))
    #expect(page.contains(connection))
    #expect(!page.contains("src=") && !page.contains("href=\"http"))
    // A proxy may have put the server behind a prefix.
    #expect(!page.contains("`/") && !page.contains("href=\"/"))
    // Drawn anew for each response.
    let (_, again) = try await request(port, "GET", target, accept: "text/html")
    #expect(again["Content-Security-Policy"] != policy)
    await server.stop()
  }

  @Test(arguments: [("/status", "./"), ("/translations/ID/status", "../../")])
  func statusPageLeadsToWhereATokenIsEntered(target: String, root: String) async throws {
    let hub = try Hub.guarded()
    let answer = try await hub.request(
      "POST", "/translations", #"{"source":"de","target":"en"}"#, fields: bearer("worker"))
    let path = target.replacing("ID", with: try #require(answer["id"]))
    let page = try await hub.request("GET", path, fields: ["Accept": "text/html"]).body
    #expect(page.contains("<a href=\"\(root)#token\">"))
    #expect(try await hub.request("GET", "/").body.contains("location.hash !== \"#token\""))
    await hub.server.stop()
  }

  @Test func whatIsNotThere() async throws {
    let (server, port) = try start()
    for (method, target, accept, status) in [
      ("GET", "/statu", "*/*", 404), ("OPTIONS", "*", "*/*", 404), ("GET", "//", "*/*", 404),
      ("GET", "/translations/", "*/*", 404), ("GET", "/translations//status", "*/*", 404),
      ("GET", "/translations/a/status/b", "*/*", 404), ("GET", "/healthz", "*/*", 404),
      ("POST", "/nothing", "*/*", 404), ("GET", "/status/", "*/*", 404),
      ("POST", "/status", "*/*", 405), ("DELETE", "/", "*/*", 405), ("get", "/status", "*/*", 405),
      ("GET", "/status", "image/png", 406),
    ] {
      let (client, head) = try await request(port, method, target, accept: accept)
      #expect(head.status == status)
      #expect(head["Content-Type"] == "application/problem+json")
      #expect(head["Allow"] == (status == 405 ? "GET, HEAD" : nil))
      #expect(head["Vary"] == (status == 406 ? "Accept" : nil))
      #expect(try await client.bodyToEnd().contains("\"status\":\(status)"))
    }
    await server.stop()
  }

  @Test func queryIsNotPartOfThePath() async throws {
    let (server, port) = try start()
    #expect(try await request(port, "GET", "/status?a=b", accept: "application/json").head.status == 200)
    await server.stop()
  }
}
