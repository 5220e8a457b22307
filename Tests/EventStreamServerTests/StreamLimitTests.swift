import EventStreamServer
import TestSupport
import Testing

/// Streams that may stay open for some time only, and what a log shows of the token that they were opened with.
@Suite(.paced, .timeLimit(.minutes(3)))
struct StreamLimitTests {
  private func fixture(
    _ limit: Duration?, writesDirectly: Bool, userTimeout: Duration = .seconds(30)
  ) throws -> Fixture {
    let configuration = configured {
      $0.writesDirectly = writesDirectly
      $0.userTimeout = userTimeout
    }
    return try Fixture(configuration) { request, channel in
      var response = Response.events(channel, lastEventID: request.fields["Last-Event-ID"])
      response.streamLimit = limit
      return response
    }
  }

  @Test(arguments: [true, false], [Duration.zero, .milliseconds(20)])
  func endsProperlyWithWhatThereIs(writesDirectly: Bool, limit: Duration) async throws {
    let fixture = try fixture(limit, writesDirectly: writesDirectly)
    fixture.channel.publish("one")
    let client = try await fixture.subscriber()
    // To its last chunk, without a reconnection time other than the usual one.
    #expect(try await client.bodyToEnd() == retry + frame(1, "one"))
    #expect(try await client.closedByServer().how == .finished)
    await fixture.until { fixture.server.subscriberCount == 0 }
    // The client comes back, and goes on where it was.
    fixture.channel.publish("two")
    let again = try await fixture.subscriber(lastEventID: "E-1")
    #expect(try await again.bodyToEnd() == retry + frame(2, "two"))
    await fixture.server.stop()
  }

  @Test(arguments: [true, false])
  func oneThatIsLeftBeforeLeavesNoTimer(writesDirectly: Bool) async throws {
    let fixture = try fixture(.milliseconds(50), writesDirectly: writesDirectly)
    for _ in 1...20 {
      let client = try await fixture.subscriber()
      client.reset()
    }
    let last = try await fixture.subscriber()
    _ = try await last.bodyToEnd()
    await fixture.until { fixture.server.connectionCount == 0 }
    await fixture.server.stop()
  }

  @Test(arguments: [true, false])
  func stallingClientIsCutOff(writesDirectly: Bool) async throws {
    let fixture = try fixture(.milliseconds(1), writesDirectly: writesDirectly, userTimeout: .seconds(600))
    fixture.channel.publish(String(repeating: "x", count: 4_000_000))
    let client = try await fixture.client(receiveBuffer: 4096, reading: false)
    // Its end stays with the system: this client has no room even for that.
    try await fixture.accesses.wait(count: 1)
    await fixture.until { fixture.server.connectionCount == 0 }
    client.close()
    await fixture.server.stop()
  }

  @Test(arguments: [
    ("/?access_token=secret", "/?access_token=***"),
    ("/a?id=1&access_token=secret&id=2", "/a?id=1&access_token=***&id=2"),
    ("/?access%5Ftoken=secret&%61ccess_token=secret", "/?access%5Ftoken=***&%61ccess_token=***"),
    ("/?access_token=secret=more", "/?access_token=***"),
    ("http://a/?access_token=secret", "http://a/?access_token=***"),
    ("/?access_token=a?access_token=secret", "/?access_token=***"),
    ("/?a=\u{600}&access_token=secret", "/?a=\u{600}&access_token=***"),
    ("/?access_tokens=kept&%=%5&access_token", "/?access_tokens=kept&%=%5&access_token"),
  ])
  func tokenIsNotLogged(target: String, logged: String) async throws {
    let fixture = try Fixture { _, _ in Response(status: 204) }
    _ = try await fixture.client("GET", target).response()
    #expect(try await fixture.accesses.wait(count: 1).map(\.target) == [logged])
    await fixture.server.stop()
  }
}
