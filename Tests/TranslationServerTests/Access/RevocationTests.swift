import EventStreamServer
import TestSupport
import Testing

@testable import TranslationServer

/// What becomes of open streams when what they were opened with is not good any more.
@Suite(.paced, .timeLimit(.minutes(3)))
struct RevocationTests {
  private func open(_ hub: Hub, _ token: String?) async throws -> RawClient {
    let stream = try await hub.stream("/translations/events" + (token.map { "?access_token=\($0)" } ?? ""))
    _ = try await stream.body(until: "\n\n")
    return stream
  }

  @Test(arguments: [true, false])
  func streamsOfTokensThatAreGoneEnd(writesDirectly: Bool) async throws {
    var access = Access()
    access.subscribeTokens = ["reader", "worker", "staying"]
    access.publishTokens = ["worker"]
    access.adminTokens = ["root"]
    let hub = try Hub { configuration in
      configuration.access = access
      configuration.http.writesDirectly = writesDirectly
    }
    let staying = [try await open(hub, "staying"), try await open(hub, "root")]
    // Who may publish still, and not read any more, is gone too.
    let gone = [try await open(hub, "reader"), try await open(hub, "worker"), try await open(hub, "reader")]
    access.subscribeTokens = ["next", "staying"]
    hub.server.change(access: access)
    // To their last chunk, and their connections' end.
    for stream in gone {
      _ = try await stream.bodyToEnd()
      #expect(try await stream.closedByServer().how == .finished)
    }
    let made = try await hub.request(
      "POST", "/translations", #"{"source":"de","target":"en"}"#, fields: ["Authorization": "Bearer root"])
    let id = try #require(made["id"])
    for stream in staying { _ = try await stream.body(until: id) }
    _ = try await open(hub, "next")
    await hub.server.stop()
  }

  @Test func streamsWithoutATokenEndWhenThereHasToBeOne() async throws {
    let hub = try Hub()
    let stream = try await open(hub, nil)
    var access = Access()
    access.allowedOrigins = ["https://example.org"]
    hub.server.change(access: access)
    _ = try await hub.submit()
    _ = try await stream.body(until: "\n\n")
    access.subscribeTokens = ["reader"]
    hub.server.change(access: access)
    _ = try await stream.bodyToEnd()
    await hub.server.stop()
  }

  @Test func streamsOfKeysThatAreGoneEnd() async throws {
    var access = Access()
    access.keys = try Signer.keys
    let hub = try Hub { $0.access = access }
    let claims = #"{"scope":"subscribe publish"}"#
    let (gone, staying) = (Signer.token(claims, algorithm: "EdDSA"), Signer.token(claims, algorithm: "ES256"))
    var streams: [RawClient] = []
    for token in [gone, staying] { streams.append(try await open(hub, token)) }
    access.keys = KeySet(try Signer.keys.keys.filter { $0.id != "e" })
    hub.server.change(access: access)
    _ = try await streams[0].bodyToEnd()
    let made = try await hub.request(
      "POST", "/translations", #"{"source":"de","target":"en"}"#, fields: ["Authorization": "Bearer \(staying)"])
    _ = try await streams[1].body(until: try #require(made["id"]))
    // Other rules for the same keys are others.
    access.issuer = "https://issuer.example.org"
    hub.server.change(access: access)
    _ = try await streams[1].bodyToEnd()
    await hub.server.stop()
  }

  /// One that is limited already, and has a timer for it.
  @Test func streamOfALimitedTokenEndsBefore() async throws {
    var access = Access()
    access.keys = try Signer.keys
    access.now = { 1000 }
    let hub = try Hub { $0.access = access }
    let stream = try await open(hub, Signer.token(#"{"scope":"subscribe","exp":2000}"#))
    access.keys = KeySet(try Signer.keys.keys.filter { $0.id != "h" })
    hub.server.change(access: access)
    _ = try await stream.bodyToEnd()
    await hub.server.stop()
  }
}
