import EventStreamClient
import EventStreamServer
import Glibc
import TestSupport
import Testing

/// What a server is known by, and what the client makes of it.
@Suite(.paced, .timeLimit(.minutes(3)))
struct CertificateTests {
  init() { signal(SIGPIPE, SIG_IGN) }

  @Test(
    arguments: [
      (.expired, .authority, .expired), (.early, .authority, .notYetValid), (.elsewhere, .authority, .wrongName),
      (.alone, .authority, .selfSigned), (.server, .alone, .unknownAuthority), (.server, nil, .unknownAuthority),
    ] as [(Certificate, Certificate?, CertificateProblem)])
  func problemIsNamed(certificate: Certificate, authority: Certificate?, problem: CertificateProblem) async throws {
    let it = try SecureServer(certificate)
    var source = it.source(trusting: authority)
    // It is final for the most patient.
    source.reconnection = .resilient
    let (events, error) = await read(source)
    #expect(events == [])
    #expect(error == .untrusted(problem, host: "127.0.0.1"))
    await it.server.stop()
  }

  @Test func certificateIsTrustedByAnyOfItsNames() async throws {
    let it = try SecureServer(.server)
    it.channel.publish("one")
    it.channel.finish()
    for host in ["localhost", "127.0.0.1"] { #expect(await read(it.source(host: host)).0 == ["E-1 message one"]) }
    await it.server.stop()
  }

  @Test func selfSignedCertificateIsItsOwnAuthority() async throws {
    let it = try SecureServer(.alone)
    it.channel.publish("one")
    it.channel.finish()
    #expect(await read(it.source(trusting: .alone)).0 == ["E-1 message one"])
    await it.server.stop()
  }

  @Test func unusableCertificateIsRefused() throws {
    let (server, renewed) = (Certificate.server, Certificate.renewed)
    for (certificate, key, reason) in [
      (try renewed.bytes, try server.key, "not the certificate's"), ([], try server.key, "no PEM chain"),
      (try server.bytes, [], "no PEM key"), (try server.key, try server.key, "no PEM chain"),
      (try server.bytes, try server.bytes, "no PEM key"), (try server.bytes + renewed.bytes, try server.key, "issuer"),
    ] {
      let error = #expect(throws: ServerError.self) { try HTTPServer.TLS(certificate: certificate, key: key) }
      #expect(error?.description.contains(reason) == true, "\(reason)")
    }
    // With the authority behind it, it is a chain.
    _ = try HTTPServer.TLS(certificate: try server.bytes + Certificate.authority.bytes, key: try server.key)
  }

  // MARK: Another certificate

  @Test func changeIsForNewConnectionsAlone() async throws {
    let it = try SecureServer(.server)
    let source = it.source()
    let old = Task { await read(source) }
    await it.server.until { $0.subscriberCount == 1 }
    it.channel.publish("before")
    // One that the first client would not take: its stream goes on, and a new one is refused.
    it.server.change(tls: try HTTPServer.TLS(.elsewhere))
    for _ in 1...4 { #expect(await read(source).1 == .untrusted(.wrongName, host: "127.0.0.1")) }
    it.server.change(tls: try HTTPServer.TLS(.renewed))
    let new = Task { await read(source) }
    await it.server.until { $0.subscriberCount == 2 }
    it.channel.publish("after")
    it.channel.finish()
    #expect(await old.value.0 == ["E-1 message before", "E-2 message after"])
    #expect(await new.value.0.last == "E-2 message after")
    await it.server.stop()
  }
}
