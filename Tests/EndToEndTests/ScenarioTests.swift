import EventStreamClient
import EventStreamServer
import Glibc
import TestSupport
import Testing
import TranslationClient
import TranslationServer

/// Server and client library in one process, over real sockets.
@Suite(.serialized, .paced, .timeLimit(.minutes(3)))
struct ScenarioTests {
  init() { signal(SIGPIPE, SIG_IGN) }

  @Test func pendingThenMonitoredUntilCompletedThenTheSameCompleted() async throws {
    try await withServer {
      $0.delay = .seconds(4)
    } body: { _, client in
      let first = try await client.getStatus()
      #expect(first.status == .pending)

      let seen = try await client.allUpdates()
      #expect(seen.map(\.status) == [.pending, .completed])
      #expect(seen.first?.timestamp == first.timestamp)
      let final = try #require(seen.last)
      #expect(abs(final.timestamp - first.timestamp - 4) < 0.001)
      #expect((Duration.milliseconds(-50)..<Duration.seconds(1)).contains(final.delay))

      let last = try await client.getStatus()
      #expect(last.status == .completed)
      #expect(last.timestamp == final.timestamp)
    }
  }

  @Test func stepsAreReportedInOrderWithTheirProgress() async throws {
    try await withServer {
      $0.delay = .seconds(3)
      $0.steps = 3
    } body: { _, client in
      // Whoever comes late begins with the latest status, and misses nothing from there on.
      let seen = try await client.allUpdates()
      #expect(seen.map(\.status) == [.pending, .running, .running, .running, .completed].suffix(seen.count))
      #expect(seen.map(\.progress) == [nil, 0.25, 0.5, 0.75, 1].suffix(seen.count))
      #expect(seen.last?.status == .completed)
      #expect(seen.map(\.timestamp) == seen.map(\.timestamp).sorted())
    }
  }

  @Test func failedTranslationIsAStatusWithItsMessage() async throws {
    try await withServer {
      $0.delay = .milliseconds(200)
      $0.failure = "no such language: \"tlh\"\n…"
    } body: { _, client in
      let final = try #require(try await client.allUpdates().last)
      #expect(final.status == .error)
      #expect(final.message == "no such language: \"tlh\"\n…")
      #expect(try await client.getStatus().update == final.update)
    }
  }

  @Test func twoHundredMonitorsEndWithTheSameTimestamp() async throws {
    try await withServer {
      $0.delay = .milliseconds(500)
    } body: { _, client in
      let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
      for _ in 0..<200 { client.monitor({ _ in }, onEnd: { ends.append($0) }) }
      let finals = try await ends.wait(count: 200).map { try $0.get() }
      #expect(finals.allSatisfy { $0?.status == .completed })
      #expect(Set(finals.map { $0?.timestamp }).count == 1)
    }
  }

  @Test func lateMonitorGetsTheFinalStatusAlone() async throws {
    try await withServer {
      $0.delay = .milliseconds(100)
    } body: { _, client in
      let final = try #require(try await client.allUpdates().last)
      let late = try await client.allUpdates()
      #expect(late.map(\.update) == [final.update])
      // It tells when the status came about, not when it was sent.
      #expect(late[0].received > final.received)
      #expect(late[0].delay > final.delay)
    }
  }

  @Test func monitorGoesOnWithTheNextServerOnTheSamePort() async throws {
    // An address of this test's own: nothing else can take the port while nobody listens there.
    let first = try server(host: "127.0.0.4") { $0.delay = .seconds(60) }
    let address = try first.start()
    let updates = Recorder<ReceivedUpdate>()
    let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
    let client = TranslationClient(url: "http://\(address)/status")
    client.monitor({ updates.append($0) }, onEnd: { ends.append($0) })
    try await updates.wait(count: 1)
    await first.stop()

    let second = try server(host: "127.0.0.4", port: address.port) { $0.delay = .milliseconds(500) }
    // A child that another test starts at this moment holds the first one's listener, too, until its exec closes it.
    try await eventually { try second.start() }
    let final = try #require(try await ends.wait(count: 1)[0].get())
    #expect(updates.all.map(\.status).last == .completed)
    #expect(updates.all.last == final)
    #expect(try await client.getStatus().timestamp == final.timestamp)
    await second.stop()
  }

  @Test func stopEndsOpenMonitorsWithoutWaitingForTheGracePeriod() async throws {
    let lost = Recorder<String>()
    let server = try server { $0.delay = .seconds(60) }
    let client = TranslationClient(
      EventSource("http://\(try server.start())/status", reconnection: .resilient),
      onState: { if case .waiting(_, let error) = $0 { lost.append("\(error)") } })
    let updates = Recorder<ReceivedUpdate>()
    let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
    for _ in 0..<20 { client.monitor({ updates.append($0) }, onEnd: { ends.append($0) }) }
    try await updates.wait(count: 20)

    let time = await ContinuousClock().measure { await server.stop(within: .seconds(30)) }
    #expect(time < .seconds(5))
    #expect(try await lost.wait(count: 20).first == "the server ended the stream")
    client.stopMonitoring()
    for end in try await ends.wait(count: 20) { #expect(try end.get() == nil) }
  }

  // MARK: What the tests share

  /// Tries again, in turn with other tests, while the address is in use.
  private func eventually(_ start: () throws -> SocketAddress) async throws {
    for _ in 0..<10_000 {
      do {
        _ = try start()
        return
      } catch ServerError.addressInUse {
        await Task.yield()
      }
    }
    _ = try start()
  }

  private func server(
    host: String = "127.0.0.1", port: Int = 0, _ change: (inout TranslationServer.Configuration) -> Void
  ) throws -> TranslationServer {
    var configuration = TranslationServer.Configuration(host: host, port: port)
    configuration.retry = .milliseconds(50)
    change(&configuration)
    return try TranslationServer(configuration)
  }

  /// A server while `body` runs, and a client of it.
  private func withServer(
    _ change: (inout TranslationServer.Configuration) -> Void,
    body: (TranslationServer, TranslationClient) async throws -> Void
  ) async throws {
    let server = try server(change)
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(server, TranslationClient(url: "http://\(try server.start())/status")))
    } catch {
      result = .failure(error)
    }
    await server.stop()
    try result.get()
  }
}

extension TranslationClient {
  func allUpdates() async throws -> [ReceivedUpdate] {
    try await monitor().reduce(into: []) { $0.append($1) }
  }
}
