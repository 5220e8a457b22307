import EventStreamServer
import TestSupport
import Testing

/// Streams that the server writes and streams that libmicrohttpd writes are the same, byte for byte, and whoever has read
/// the request.
@Suite(.paced, .timeLimit(.minutes(3)))
struct OutputTests {
  /// What clients of all kinds get, with the head and everything that HTTP adds.
  private static func bytes(_ way: StreamWay) async throws -> [String] {
    let it = try Fixture(way.configuration, history: .init(events: 64))
    var read: [String] = []
    let first = try await it.client(fields: way.accept)
    read.append(try await first.read(until: "E-0\n\n\r\n"))
    for data in ["one", "", "two\nlines", "ü", String(repeating: "long ", count: 400)] {
      it.channel.publish(data, type: data.isEmpty ? "empty" : "message")
      read.append(try await first.read(until: "\n\n\r\n"))
    }
    for id in ["E-0", "E-2", "E-5", "F-1"] {
      let client = try await it.client(fields: "\(way.accept)Last-Event-ID: \(id)\r\n")
      read.append(try await client.read(until: "\n\n\r\n"))
      client.close()
    }
    let old = try await it.client(version: "HTTP/1.0", fields: way.accept)
    read.append(try await old.read(until: "long \n\n"))
    let other = try await it.client(fields: way.accept)
    read.append(try await other.read(until: "\n\n\r\n"))
    for number in 1...20 { it.channel.publish("burst \(number)") }
    it.channel.finish()
    // Of those with chunks: how a burst is cut into them is a matter of what there is at the moment.
    read.append(try await old.readToEnd())
    let late = try await it.client(fields: way.accept)
    read.append(try await late.readToEnd())
    await it.server.stop()
    return read.map(withoutDate)
  }

  private static func withoutDate(_ text: String) -> String {
    text.split(separator: "\r\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("Date: ") }
      .joined(separator: "\r\n")
  }

  @Test func bytesDoNotDependOnWhoWritesThem() async throws {
    let plain = try await Self.bytes(.plain)
    for way in [StreamWay.alone, .takenOver] {
      let direct = try await Self.bytes(way)
      #expect(direct.count == plain.count)
      for (direct, plain) in zip(direct, plain) { #expect(direct == plain) }
    }
  }

  /// Events larger than any buffer on the way, a client that reads late, and the end.
  @Test(arguments: [1, 4_000, 16_362, 16_384, 300_000])
  func sizesDoNotMatterEither(size: Int) async throws {
    var bodies: [String] = []
    for way in StreamWay.allCases {
      // All of it is held: what a late reader is spared would depend on how late it is.
      let it = try Fixture(way.configuration, history: .init(events: 5, bytes: .max, eventsPerChannel: 5))
      let client = try await it.subscriber(receiveBuffer: 4096, by: way)
      for number in 1...5 { it.channel.publish("\(number)" + String(repeating: "x", count: size)) }
      it.channel.finish()
      bodies.append(try await client.bodyToEnd())
      await it.server.stop()
    }
    #expect(bodies.allSatisfy { $0 == bodies[0] })
    #expect(bodies[0].hasSuffix("x\n\n"))
  }

  @Test(arguments: [100, 4_000, 20_000])
  func headsOfAnySizeLeave(size: Int) async throws {
    var heads: [String] = []
    let value = String(repeating: "v", count: size)
    for way in StreamWay.allCases {
      let it = try Fixture(
        configured {
          $0.writesDirectly = way.writesDirectly
          $0.requestMemory = 65_536
        }
      ) { _, channel in .events(channel, fields: ["X-Large": value, "Date": "never", "Connection": "keep-alive"]) }
      let client = try await it.client(fields: way.accept)
      heads.append(Self.withoutDate(try await client.read(until: "E-0\n\n\r\n")))
      await it.server.stop()
    }
    #expect(heads.allSatisfy { $0 == heads[0] })
    #expect(heads[0].contains("X-Large: \(value)\r\n"))
  }

  @Test(arguments: StreamWay.allCases)
  func drainedStreamsEndProperly(way: StreamWay) async throws {
    let it = try Fixture(way.configuration)
    it.channel.publish("last")
    let clients = try await [it.subscriber(by: way), it.subscriber(by: way), it.subscriber(by: way)]
    for client in clients { _ = try await client.body(until: "\n\n") }
    await it.server.stop()
    for client in clients { #expect(try await client.bodyToEnd() == "") }
  }

  @Test(arguments: StreamWay.allCases)
  func clientsWhoLeaveAreSeenToLeave(way: StreamWay) async throws {
    let it = try Fixture(way.configuration)
    for leave in [{ $0.close() }, { $0.reset() }, { $0.shutdownWrite() }] as [(RawClient) -> Void] {
      let client = try await it.subscriber(by: way)
      #expect(it.server.subscriberCount == 1)
      leave(client)
      await it.until { it.server.connectionCount == 0 }
      #expect(it.server.subscriberCount == 0)
      client.close()
    }
    await it.server.stop()
  }
}
