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

  /// Small events, and one that takes many of TLS's records of 16 KiB.
  @Test func streamIsThePlainOne() async throws {
    var streams: [[String]] = []
    for certificate in [Certificate.server, nil] {
      let it = try SecureServer(certificate)
      async let stream = read(it.source())
      await it.server.until { $0.subscriberCount == 1 }
      for data in ["one", "", "two\nlines", "ü", String(repeating: "long ", count: 40_000), "last"] {
        it.channel.publish(data, type: data.isEmpty ? "empty" : "message")
      }
      it.channel.finish()
      streams.append(await stream.0)
      await it.server.stop()
    }
    #expect(streams[0].count == 6)
    #expect(streams[0] == streams[1])
  }

  @Test func manyStreamsGetEachEvent() async throws {
    let it = try SecureServer(.server)
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
    let it = try SecureServer(.server)
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
    let it = try SecureServer(.server)
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
    let it = try SecureServer(.server)
    let source = it.source()
    let stream = Task { await read(source) }
    await it.server.until { $0.subscriberCount == 1 }
    stream.cancel()
    await it.server.until { $0.connectionCount == 0 }
    #expect(await stream.value.1 == .cancelled)
    await it.server.stop()
  }

  /// Who speaks no TLS is told so, and does not stay.
  @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "nonsense\r\n\r\n"])
  func plainRequestIsRefused(request: String) async throws {
    let it = try SecureServer(.server)
    let client = try await RawClient(port: UInt16(it.port))
    try await client.send(request)
    #expect(try await client.response().status == 400)
    #expect(try await client.bodyToEnd().contains("TLS"))
    try await client.closedByServer()
    await it.server.until { $0.connectionCount == 0 }
    await it.server.stop()
  }

  @Test func handshakeHasADeadline() async throws {
    let it = try SecureServer(.server, requestDeadline: .milliseconds(50))
    let client = try await RawClient(port: UInt16(it.port))
    // The head of a record that never comes.
    try await client.send([0x16, 3, 1])
    _ = try await client.readToEnd()
    await it.server.until { $0.connectionCount == 0 }
    await it.server.stop()
  }
}
