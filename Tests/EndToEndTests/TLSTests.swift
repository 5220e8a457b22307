import EventStream
import EventStreamClient
import EventStreamServer
import Glibc
import TestSupport
import Testing

/// Streams over TLS, by the server and the client library.
@Suite(.paced, .timeLimit(.minutes(3)))
struct TLSTests {
  init() { signal(SIGPIPE, SIG_IGN) }

  /// A server with one channel.
  struct Fixture {
    let server: HTTPServer
    let channel: EventChannel
    let port: Int
    private let scheme: String

    init(_ certificate: Certificate?) throws {
      var configuration = HTTPServer.Configuration(port: 0)
      configuration.heartbeat = .zero
      configuration.shards = 2
      configuration.tls = try certificate.map { try HTTPServer.TLS($0) }
      server = try HTTPServer(configuration)
      let channel = server.makeChannel(history: .init(events: 256, bytes: .max, eventsPerChannel: 256), epoch: "E")
      self.channel = channel
      scheme = certificate == nil ? "http" : "https"
      port = try server.start { .events(channel, lastEventID: $0.fields["Last-Event-ID"]) }.port
    }

    func source(host: String = "127.0.0.1", trusting authority: Certificate? = .authority) -> EventSource {
      var source = EventSource("\(scheme)://\(host):\(port)/", reconnection: .never)
      source.transport.certificateAuthorities = authority?.path
      return source
    }
  }

  /// All events of a stream until its end.
  private func read(_ source: EventSource) async -> ([String], EventSourceError?) {
    var seen: [String] = []
    do throws(EventSourceError) {
      for try await event in source.events() { seen.append("\(event.id) \(event.type) \(event.data)") }
      return (seen, nil)
    } catch {
      return (seen, error)
    }
  }

  // MARK: Streams

  /// Small events, and one that takes many of TLS's records of 16 KiB.
  @Test func streamIsThePlainOne() async throws {
    var read: [[String]] = []
    for certificate in [Certificate.server, nil] {
      let it = try Fixture(certificate)
      async let stream = self.read(it.source())
      await it.server.until { $0.subscriberCount == 1 }
      for data in ["one", "", "two\nlines", "ü", String(repeating: "long ", count: 40_000), "last"] {
        it.channel.publish(data, type: data.isEmpty ? "empty" : "message")
      }
      it.channel.finish()
      read.append(await stream.0)
      await it.server.stop()
    }
    #expect(read[0].count == 6)
    #expect(read[0] == read[1])
  }

  @Test func manyStreamsGetEachEvent() async throws {
    let it = try Fixture(.server)
    let source = it.source()
    let streams = (0..<20).map { _ in Task { await read(source) } }
    await it.server.until { $0.subscriberCount == 20 }
    for number in 1...100 { it.channel.publish("\(number)") }
    it.channel.finish()
    for stream in streams { #expect(await stream.value.0 == (1...100).map { "E-\($0) message \($0)" }) }
    await it.server.stop()
    #expect(it.server.connectionCount == 0)
  }

  /// Who does not read has GnuTLS left with half a record.
  @Test func readerWhoIsLateGetsAll() async throws {
    let it = try Fixture(.server)
    it.channel.publish("first")
    var events = it.source().events().makeAsyncIterator()
    #expect(try await events.next()?.data == "first")
    // More than both sockets and the client hold.
    let large = String(repeating: "x", count: 65_536)
    for number in 1...200 { it.channel.publish("\(number) \(large)") }
    it.channel.finish()
    for number in 1...200 { #expect(try await events.next()?.data == "\(number) \(large)") }
    await it.server.until { $0.connectionCount == 0 }
    await it.server.stop()
  }

  @Test func stopEndsStreamsProperly() async throws {
    let it = try Fixture(.server)
    let source = it.source()
    let streams = (0..<8).map { _ in Task { await read(source) } }
    await it.server.until { $0.subscriberCount == 8 }
    it.channel.publish("last")
    await it.server.stop(within: .seconds(20), reconnectionRate: 1000)
    for stream in streams {
      let (events, error) = await stream.value
      #expect(events == ["E-1 message last"])
      // A stream that is cut is another error.
      #expect(error == .streamEnded)
    }
  }

  @Test func clientWhoLeavesIsSeenToLeave() async throws {
    let it = try Fixture(.server)
    let source = it.source()
    let stream = Task { await read(source) }
    await it.server.until { $0.subscriberCount == 1 }
    stream.cancel()
    await it.server.until { $0.connectionCount == 0 }
    #expect(await stream.value.1 == .cancelled)
    await it.server.stop()
  }

  /// Who speaks no TLS gets no answer in the clear, and does not stay.
  @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "nonsense\r\n\r\n"])
  func plainRequestIsClosed(request: String) async throws {
    let it = try Fixture(.server)
    let client = try await RawClient(port: UInt16(it.port))
    try await client.send(request)
    #expect(try await !client.readToEnd().contains("HTTP"))
    await it.server.until { $0.connectionCount == 0 }
    await it.server.stop()
  }

  // MARK: Certificates

  @Test(
    arguments: [
      (.expired, .authority, .expired), (.early, .authority, .notYetValid), (.elsewhere, .authority, .wrongName),
      (.alone, .authority, .selfSigned), (.server, .alone, .unknownAuthority), (.server, nil, .unknownAuthority),
    ] as [(Certificate, Certificate?, CertificateProblem)])
  func problemIsNamed(certificate: Certificate, authority: Certificate?, problem: CertificateProblem) async throws {
    let it = try Fixture(certificate)
    var source = it.source(trusting: authority)
    // It is final for the most patient.
    source.reconnection = .resilient
    let (events, error) = await read(source)
    #expect(events == [])
    #expect(error == .untrusted(problem, host: "127.0.0.1"))
    await it.server.stop()
  }

  @Test func certificateIsTrustedByAnyOfItsNames() async throws {
    let it = try Fixture(.server)
    it.channel.publish("one")
    it.channel.finish()
    for host in ["localhost", "127.0.0.1"] { #expect(await read(it.source(host: host)).0 == ["E-1 message one"]) }
    await it.server.stop()
  }

  @Test func selfSignedCertificateIsItsOwnAuthority() async throws {
    let it = try Fixture(.alone)
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
    let it = try Fixture(.server)
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

extension HTTPServer.TLS {
  init(_ files: Certificate) throws { try self.init(certificate: files.bytes, key: files.key) }
}

extension HTTPServer {
  /// Returns when the server's state is so, looked at after every turn of its threads.
  fileprivate func until(_ condition: (HTTPServer) -> Bool) async {
    while !condition(self), !Task.isCancelled {
      await withCheckedContinuation { continuation in whenAllAnswer { continuation.resume() } }
    }
  }
}
