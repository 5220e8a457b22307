import EventStreamServer
import Glibc
import TestSupport
import Testing

/// A server on a socket that someone else has bound.
@Suite(.paced, .timeLimit(.minutes(3)))
struct PassedListenerTests {
  @Test(arguments: [1, 2, 4]) func everyShardServesIt(shards: Int) async throws {
    let (listener, port) = try Loopback.listener()
    defer { close(listener) }
    let it = try Fixture(
      configured {
        $0.listeningDescriptor = listener
        $0.shards = shards
      })
    #expect(it.port == port)
    var clients: [RawClient] = []
    for _ in 0..<16 { clients.append(try await it.subscriber()) }
    #expect(it.server.subscriberCount == 16)
    it.channel.publish("news")
    it.channel.finish()
    for client in clients { #expect(try await client.bodyToEnd() == retryAlone + frame(1, "news")) }
    await it.server.stop()
  }

  /// What comes between two processes waits for the second.
  @Test func nextServerTakesItOver() async throws {
    let (listener, port) = try Loopback.listener()
    defer { close(listener) }
    let configuration = configured {
      $0.listeningDescriptor = listener
      $0.shards = 2
    }
    let first = try Fixture(configuration)
    await first.server.stop()
    let waiting = try await RawClient(port: port)
    try await waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    let second = try Fixture(configuration)
    #expect(try await waiting.response().status == 200)
    second.channel.finish()
    await second.server.stop()
  }

  @Test func whatDoesNotListenIsRefused() throws {
    let pipe = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(pipe) }
    let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(datagrams) }
    for descriptor in [pipe, datagrams, 999_999] {
      let server = try HTTPServer(configured { $0.listeningDescriptor = descriptor })
      #expect(
        throws: ServerError.cannotStart(
          reason: "descriptor \(descriptor), which is to be listened on, is no listening stream socket")
      ) { try server.start { _ in Response() } }
    }
  }
}
