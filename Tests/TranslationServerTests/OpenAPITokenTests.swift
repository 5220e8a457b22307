import EventStreamServer
import TestSupport
import Testing
import TranslationAPI

@testable import TranslationServer

/// The document is right about servers that want tokens: who may ask for what, how the token is sent, and what comes.
@Suite(.paced, .timeLimit(.minutes(3)))
struct OpenAPITokenTests {
  private let document = DescribedAPI()
  private let friend = "https://friend.example"

  private func hub() throws -> Hub {
    try Hub.guarded { $0.allowedOrigins = [friend] }
  }

  private func path(of route: Route, _ hub: Hub) async throws -> String {
    let made = try await hub.request("POST", "/translations", DescribedAPI.new, fields: bearer("worker"))
    return route.rawValue.replacing("{id}", with: try #require(made["id"]))
  }

  /// The roles of tokens that are good for an operation, and of one that is not.
  private func tokens(_ operation: DescribedAPI.Operation, of route: Route) -> (good: String, wrong: String) {
    switch operation.method {
    case "POST", "PUT", "DELETE": ("worker", "reader")
    default: route == .metrics ? ("root", "reader") : ("reader", "worker")
    }
  }

  @Test(arguments: Route.allCases)
  func everyAnswerIsDescribed(route: Route) async throws {
    let hub = try hub()
    let path = try await path(of: route, hub)
    for operation in try document.operations(of: route) {
      let (good, wrong) = tokens(operation, of: route)
      let credentials = [
        (path, []), (path, ["Authorization: Bearer \(wrong)"]), (path, ["Authorization: Bearer \(good)"]),
        (path, ["Authorization: Bearer other"]), (path, ["Cookie: token=\(good)"]),
        (path + "?access_token=\(good)", []), (path + "?access_token=\(wrong)", []),
        // One too many.
        (path, ["Authorization: Bearer \(good)", "Authorization: Bearer \(good)"]),
        (path + "?access_token=\(good)", ["Authorization: Bearer \(good)"]),
      ]
      for (target, lines) in credentials {
        for accept in ["*/*", "application/json", "text/html"] {
          for origin in ["Origin: \(friend)", "Origin: https://foe.example", "X-Origin: none"] {
            let asked = lines + ["Accept: \(accept)", origin, "Access-Control-Request-Method: PUT"]
            let head = try await operation.head(of: target, asked, from: hub)
            operation.expectDescribed(head, "\(operation.method) \(target) \(asked): \(head.status)")
          }
        }
      }
    }
    await hub.server.stop()
  }

  @Test(arguments: Route.allCases)
  func securityIsWhatTheServerAsksFor(route: Route) async throws {
    let hub = try hub()
    let path = try await path(of: route, hub)
    for operation in try document.operations(of: route) {
      // Nothing is wanted at all, or for the page's form alone.
      let isGuarded = !operation.schemes.isEmpty && route != .page
      let (good, wrong) = tokens(operation, of: route)
      func status(_ lines: [String], query: String = "") async throws -> Int {
        try await operation.head(of: path + query, lines, from: hub).status
      }
      #expect((try await status([]) == 401) == isGuarded, "\(operation.method) \(path)")
      #expect((try await status(["Authorization: Bearer \(wrong)"]) == 403) == isGuarded, "\(operation.method) \(path)")
      for (scheme, lines, query) in [
        ("bearer", ["Authorization: Bearer \(good)"], ""), ("cookie", ["Cookie: token=\(good)"], ""),
        ("query", [], "?access_token=\(good)"),
      ] {
        let status = try await status(lines, query: query)
        let isTaken = operation.schemes.contains(scheme) || !isGuarded
        #expect(isTaken ? ![401, 403].contains(status) : status == 401, "\(operation.method) \(path) by \(scheme)")
      }
      #expect(operation.parameters.contains("accessToken") == operation.schemes.contains("query"))
      // A token that is looked at where it is can be wrong.
      if operation.schemes.contains("query") { #expect(try await status([], query: "?access_token=other") == 401) }
    }
    await hub.server.stop()
  }

  @Test(arguments: [Route.page, .ownStatus, .status])
  func pageMovesTheTokenToACookie(route: Route) async throws {
    let hub = try hub()
    let path = try await path(of: route, hub)
    for operation in try document.operations(of: route) where ["GET", "HEAD"].contains(operation.method) {
      let head = try await operation.head(of: path + "?access_token=reader", ["Accept: text/html"], from: hub)
      #expect(head.status == 303)
      #expect(operation.headers(of: 303)?.isSuperset(of: ["location", "set-cookie"]) == true)
    }
    await hub.server.stop()
  }

  @Test func whatIsWrongWithATokenIsDescribed() throws {
    for operation in try Route.allCases.flatMap(document.operations) where !operation.schemes.isEmpty {
      for code in [400, 401, 403] {
        #expect(operation.headers(of: code)?.contains("www-authenticate") == true, "\(operation.method) \(code)")
      }
    }
  }

  @Test func whatTheServerRefusesByItselfIsDescribed() throws {
    for operation in try Route.allCases.flatMap(document.operations) {
      for code in [400, 408, 413, 414, 429, 431, 503, 505] { #expect(operation.headers(of: code) != nil) }
    }
  }
}
