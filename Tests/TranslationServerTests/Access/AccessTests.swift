import EventStreamServer
import TestSupport
import Testing

@testable import TranslationServer

/// Who may ask a server for what.
@Suite(.paced, .timeLimit(.minutes(3)))
struct AccessTests {
  private func submit(_ hub: Hub, _ token: String = "root") async throws -> String {
    let answer = try await hub.request(
      "POST", "/translations", #"{"source":"de","target":"en"}"#, fields: bearer(token))
    #expect(answer.status == 201)
    return try #require(answer["id"])
  }

  // MARK: Roles

  @Test func eachRoleMayDoItsOwn() async throws {
    let hub = try Hub.guarded()
    let id = try await submit(hub, "worker")
    let new = #"{"source":"de","target":"en"}"#
    let running = #"{"status":"running"}"#
    let requests: [(method: String, target: String, body: String?, role: String)] = [
      ("GET", "/status", nil, "reader"), ("HEAD", "/translations", nil, "reader"),
      ("GET", "/translations/\(id)", nil, "reader"), ("GET", "/translations/\(id)/status", nil, "reader"),
      ("GET", "/translations/events?id=\(id)", nil, "reader"), ("GET", "/nothing", nil, "reader"),
      ("OPTIONS", "/translations", nil, "reader"),
      ("POST", "/translations", new, "worker"), ("PUT", "/translations/\(id)/status", running, "worker"),
      ("POST", "/translations/status", "", "worker"), ("DELETE", "/translations/\(id)", nil, "worker"),
      ("BREW", "/coffee", nil, "worker"), ("GET", "/metrics", nil, "root"), ("HEAD", "/metrics", nil, "root"),
    ]
    for (method, target, body, role) in requests {
      for token in ["reader", "worker", "worker-2", "root"] {
        let status = try await head(hub, method, target, body, bearer(token)).status
        let isGood = token == role || token == "root" || token == "worker-2" && role == "worker"
        #expect((status != 403) == isGood, "\(method) \(target) with \(token): \(status)")
        #expect(status != 401)
      }
      let none = try await head(hub, method, target, body, [:])
      #expect(none.status == 401 && none["WWW-Authenticate"] == #"Bearer realm="translations""#)
      for wrong in ["roo", "rootx", "Root", "x"] {
        #expect(try await head(hub, method, target, body, bearer(wrong)).status == 401)
      }
    }
    for path in ["/healthz/live", "/healthz/ready", "/time", "/openapi.json", "/"] {
      #expect(try await hub.request("GET", path).status == 200)
      #expect(try await hub.request("GET", path, fields: bearer("other")).status == 200)
    }
    await hub.server.stop()
  }

  /// The head of an answer whose body may have no end.
  private func head(
    _ hub: Hub, _ method: String, _ target: String, _ body: String?, _ fields: [String: String]
  ) async throws -> TestSupport.HTTPResponse {
    let client = try await RawClient(port: hub.port)
    var text = "\(method) \(target) HTTP/1.1\r\nHost: a\r\n"
    for (name, value) in fields { text += "\(name): \(value)\r\n" }
    if let body { text += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
    try await client.send(text + "\r\n" + (body ?? ""))
    defer { client.close() }
    return try await client.response(to: method)
  }

  @Test func whatIsWrongIsSaidByRFC6750() async throws {
    let hub = try Hub.guarded()
    let wrong = try await hub.request("GET", "/translations", fields: bearer("other"))
    #expect(
      wrong.head["WWW-Authenticate"]
        == #"Bearer realm="translations", error="invalid_token", error_description="The token is not known here.""#)
    #expect(wrong.head["Content-Type"] == "application/problem+json")
    #expect(wrong["title"] == "Unauthorized" && wrong["detail"] == "The token is not known here.")
    let small = try await hub.request("GET", "/metrics", fields: bearer("reader"))
    #expect(
      small.head["WWW-Authenticate"] == #"Bearer realm="translations", error="insufficient_scope", scope="admin""#)
    let twice = try await hub.request("GET", "/translations?access_token=reader", fields: bearer("reader"))
    #expect(twice.status == 400)
    #expect(twice.head["WWW-Authenticate"] == #"Bearer realm="translations", error="invalid_request""#)
    #expect(try await hub.request("GET", "/translations?access_token=reader&access_token=x").status == 400)
    // A password for a proxy is no token.
    let password = ["Authorization": "Basic cmVhZGVy"]
    #expect(try await hub.request("GET", "/translations?access_token=reader", fields: password).status == 200)
    for value in ["Basic cmVhZGVy", "Bearer", "Bearer ", "reader", "BearerX reader"] {
      let answer = try await hub.request("GET", "/translations", fields: ["Authorization": value])
      #expect(answer.status == 401, "\(value)")
    }
    #expect(try await hub.request("GET", "/translations", fields: ["Authorization": "bearer  reader"]).status == 200)
    // What is refused is counted.
    let metrics = try await hub.request("GET", "/metrics", fields: bearer("root")).body
    #expect(metrics.contains("tserver_requests_rejected_total{reason=\"unauthorized\"} 6"))
    await hub.server.stop()
  }

  @Test func oneTokenInTwoListsHasBothRoles() async throws {
    let hub = try Hub.guarded { $0.subscribeTokens.append("worker") }
    _ = try await submit(hub, "worker")
    #expect(try await hub.request("GET", "/translations", fields: bearer("worker")).status == 200)
    #expect(try await hub.request("GET", "/translations", fields: bearer("worker-2")).status == 403)
    await hub.server.stop()
  }

  @Test func tokensCanBeChanged() async throws {
    let hub = try Hub.guarded()
    var access = Access()
    access.publishTokens = ["next"]
    hub.server.change(access: access)
    #expect(try await hub.request("DELETE", "/nothing", fields: bearer("worker")).status == 401)
    #expect(try await hub.request("DELETE", "/nothing", fields: bearer("next")).status == 404)
    #expect(try await hub.request("GET", "/translations").status == 200)
    await hub.server.stop()
  }

  // MARK: Without tokens

  @Test func onlyThisMachineMayPublish() async throws {
    let hub = try Hub()
    let id = try await hub.submit()
    #expect(try await hub.publish(#"{"status":"running"}"#, id).status == 200)
    for name in ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "x-forwarded-proto", "CF-Connecting-IP"] {
      let answer = try await hub.request("DELETE", "/translations/\(id)", fields: [name: "192.0.2.1"])
      #expect(answer.status == 403)
      #expect(answer["detail"]?.contains("--publish-token-file") == true)
      #expect(try await hub.request("GET", "/metrics", fields: [name: "192.0.2.1"]).status == 200)
    }
    await hub.server.stop()
  }

  @Test func loopbackIsTheAddressAndNotItsName() {
    for (host, isLoopback) in [
      ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("192.0.2.1", false), ("127.0.0.1.example.org", false),
      ("", false), ("::ffff:127.0.0.1", false), ("128.0.0.1", false), ("127.0.0", false),
    ] {
      #expect(SocketAddress(host: host, port: 1).isLoopback == isLoopback, "\(host)")
    }
    let remote = HTTPRequest(method: "POST", target: "/", remote: SocketAddress(host: "192.0.2.1", port: 9))
    #expect(Loopback.refusal(of: remote)?.status == 403)
    for (host, isLocal) in [
      ("localhost:8000", true), ("127.0.0.1", true), ("[::1]:8000", true), ("a.localhost", true),
      ("localhost.example.org", false), ("127.0.0.1.example.org:80", false), ("", false),
    ] {
      // Of a proxy that passes the name on, or a page whose name was made to lead to this machine.
      for fields in [["Host": host], ["Host": host, "Origin": "http://\(host)"]] as [HTTPFields] {
        let request = HTTPRequest(
          method: "POST", target: "/", fields: fields, remote: SocketAddress(host: "::1", port: 9))
        #expect((Loopback.refusal(of: request) == nil) == isLocal, "\(host)")
      }
    }
  }

  /// Who may not send it does not get to send it.
  @Test(arguments: ["Content-Length: 5000\r\n", "Transfer-Encoding: chunked\r\n"])
  func largeBodyIsNotReadWithoutPermission(length: String) async throws {
    let hub = try Hub.guarded { $0.publishRate = 1 }
    for (token, status) in [("reader", 403), ("other", 401)] {
      let client = try await RawClient(port: hub.port)
      try await client.send(
        "POST /translations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\(length)\r\n")
      let response = try await client.response()
      #expect(response.status == status)
      #expect(response["Content-Type"] == "application/problem+json" && response["WWW-Authenticate"] != nil)
      try await client.closedByServer()
    }
    // Who may is counted once.
    let client = try await RawClient(port: hub.port)
    let body = #"{"source":"de","target":"en"}"# + String(repeating: " ", count: 5000 - 29)
    try await client.send(
      "POST /translations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer worker\r\nContent-Type: application/json\r\n"
        + "Content-Length: 5000\r\n\r\n" + body)
    #expect(try await client.response().status == 201)
    client.close()
    #expect(try await hub.request("DELETE", "/nothing", fields: bearer("worker")).status == 429)
    let metrics = try await hub.request("GET", "/metrics", fields: bearer("root")).body
    #expect(metrics.contains("tserver_requests_rejected_total{reason=\"forbidden\"} 1"))
    await hub.server.stop()
  }

  // MARK: Limits

  @Test func publishingHasARate() async throws {
    let time = Locked<UInt64>(1_000_000_000)
    let hub = try Hub.guarded {
      $0.publishRate = 2
      $0.monotonic = { time.withLock { $0 } }
    }
    func put(_ token: String) async throws -> Hub.Answer {
      try await hub.request("DELETE", "/nothing", fields: bearer(token))
    }
    for _ in 1...2 { #expect(try await put("worker").status == 404) }
    let refused = try await put("worker")
    #expect(refused.status == 429 && refused.head["Retry-After"] == "1")
    #expect(try await put("worker-2").status == 404)
    #expect(try await hub.request("GET", "/translations", fields: bearer("reader")).status == 200)
    time.withLock { $0 += 500_000_000 }
    #expect(try await put("worker").status == 404)
    #expect(try await put("worker").status == 429)
    await hub.server.stop()
  }

  /// A name is one issuer's; another's, who signs with another key, is another.
  @Test func publishersOfTwoIssuersHaveARateEach() async throws {
    let hub = try Hub.guarded {
      $0.publishRate = 1
      $0.keys = try? Signer.keys
      $0.monotonic = { 1_000_000_000 }
    }
    let claims = #"{"scope":"publish","sub":"worker"}"#
    for status in [404, 429] {
      for algorithm in ["HS256", "EdDSA"] {
        let token = Signer.token(claims, algorithm: algorithm)
        #expect(try await hub.request("DELETE", "/nothing", fields: bearer(token)).status == status)
      }
    }
    await hub.server.stop()
  }

  @Test func bodiesHaveASizeAndADepth() async throws {
    let hub = try Hub { $0.http.maxBody = 1000 }
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
    let answer = try await hub.request("POST", "/translations", "{\"source\":\(deep)}")
    #expect(answer.status == 400)
    #expect(answer["detail"]?.contains("more than 64 levels") == true)
    let large = try await hub.request("POST", "/translations", String(repeating: " ", count: 1001))
    #expect(large.status == 413)
    await hub.server.stop()
  }
}
