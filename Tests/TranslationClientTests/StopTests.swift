import Dispatch
import TestSupport
import Testing

@testable import TranslationClient

@Suite(.paced, .timeLimit(.minutes(3)))
struct StopTests {
  let peer: ScriptedPeer
  let client: TranslationClient

  init() throws {
    peer = try ScriptedPeer()
    client = .quick(peer.url("/status"))
  }

  func stream() async throws -> PeerConnection {
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respondEventStream()
    return connection
  }

  @Test func stopMonitoringEndsTheLoopWithoutAnError() async throws {
    let client = self.client
    let seen = Recorder<TranslationStatus>()
    let loop = Task { for try await update in client.monitor() { seen.append(update.status) } }
    let connection = try await stream()
    try await connection.sendChunk(update("pending", 1))
    try await seen.wait(count: 1)
    client.stopMonitoring()
    try await loop.value
    try await connection.closedByClient()
  }

  @Test func stopMonitoringEndsClosuresWithoutAFinalUpdate() async throws {
    let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
    let seen = Recorder<ReceivedUpdate>()
    for _ in 0..<3 { client.monitor({ seen.append($0) }, onEnd: { ends.append($0) }) }
    for _ in 0..<3 { try await stream().sendChunk(update("pending", 1)) }
    try await seen.wait(count: 3)
    client.stopMonitoring()
    client.stopMonitoring()
    #expect(try await ends.wait(count: 3) == [.success(nil), .success(nil), .success(nil)])
  }

  @Test func stopMonitoringEndsTheBlockingCall() async throws {
    let client = self.client
    let final = Task.blocking { try client.monitorUntilFinal { _ in client.stopMonitoring() } }
    try await stream().sendChunk(update("pending", 1) + update("completed", 2))
    await #expect(throws: TranslationError.stopped) { try await final.value }
  }

  @Test func stopInsideAnUpdateIsTheLastOfThem() async throws {
    let client = self.client
    let seen = Recorder<Double>()
    let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
    client.monitor(
      { update in
        seen.append(update.timestamp)
        if update.timestamp == 2 { client.stopMonitoring() }
      }, onEnd: { ends.append($0) })
    try await stream().sendChunk((1...5).map { update("running", Double($0)) }.joined())
    #expect(try await ends.wait(count: 1) == [.success(nil)])
    #expect(seen.all == [1, 2])
  }

  @Test func stopWaitsForNoUpdateAndNoneFollows() async throws {
    let seen = Recorder<Double>()
    let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
    let stopped = DispatchSemaphore(value: 0)
    client.monitor(
      {
        seen.append($0.timestamp)
        stopped.wait()
      }, onEnd: { ends.append($0) })
    try await stream().sendChunk((1...5).map { update("running", Double($0)) }.joined())
    try await seen.wait(count: 1)
    client.stopMonitoring()
    stopped.signal()
    #expect(try await ends.wait(count: 1) == [.success(nil)])
    #expect(seen.all == [1])
  }

  @Test func updatesOfTwoClientsMayStopEachOther() async throws {
    let clients = [client, .quick(peer.url("/status"))]
    let begun = (0..<2).map { _ in DispatchSemaphore(value: 0) }
    let seen = Recorder<Double>()
    let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
    for number in 0..<2 {
      clients[number].monitor(
        {
          seen.append($0.timestamp)
          begun[number].signal()
          begun[1 - number].wait()
          clients[1 - number].stopMonitoring()
        }, onEnd: { ends.append($0) })
    }
    for _ in 0..<2 { try await stream().sendChunk(update("running", 1)) }
    #expect(try await ends.wait(count: 2) == [.success(nil), .success(nil)])
    #expect(seen.all == [1, 1])
  }

  @Test func stopDuringConnectAndBackoff() async throws {
    let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
    client.monitor({ _ in }, onEnd: { ends.append($0) })
    let connection = try await peer.nextConnection()
    client.stopMonitoring()
    try await ends.wait(count: 1)
    try await connection.closedByClient()

    let away = TranslationClient(url: peer.url())
    peer.close()
    away.monitor({ _ in }, onEnd: { ends.append($0) })
    away.stopMonitoring()
    #expect(try await ends.wait(count: 2) == [.success(nil), .success(nil)])
  }

  /// As when the first change of its state leads to the stop.
  @Test func stopWhileAMonitorIsMadeIsForItToo() {
    let monitors = Monitors()
    let make = { Monitor([], comparing: false) { _ in } }
    let stopped = monitors.start {
      monitors.stopAll()
      return make()
    }
    #expect(stopped.isStopped)
    #expect(!monitors.start(make).isStopped)
  }

  @Test func monitorAfterAStopStartsAfresh() async throws {
    client.stopMonitoring()
    let client = self.client
    let loop = Task { try await client.monitor().reduce(into: 0) { count, _ in count += 1 } }
    try await stream().sendChunk(update("completed", 1))
    #expect(try await loop.value == 1)
  }

  @Test func leavingTheLoopClosesTheConnection() async throws {
    let client = self.client
    let loop = Task { for try await _ in client.monitor() { break } }
    let connection = try await stream()
    try await connection.sendChunk(update("pending", 1))
    try await loop.value
    try await connection.closedByClient()
  }

  @Test func cancelledTaskThrowsCancelled() async throws {
    let client = self.client
    let loop = Task { for try await _ in client.monitor() {} }
    let connection = try await stream()
    loop.cancel()
    await #expect(throws: TranslationError.cancelled) { try await loop.value }
    try await connection.closedByClient()
  }

  /// Whatever thread stops whenever: one end each, and nothing after it.
  @Test func manyMonitorsAndStopsFromManyThreads() async throws {
    let peer = self.peer
    let serving = Task {
      while let connection = try? await peer.nextConnection() {
        Task {
          _ = try? await connection.request()
          try? await connection.respondEventStream()
          for number in 0..<50 { try? await connection.sendChunk(update("running", Double(number))) }
        }
      }
    }
    let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
    let monitors = 200
    let late = Recorder<Double>()
    await withTaskGroup { group in
      for number in 0..<monitors {
        group.addTask {
          let client = TranslationClient.quick(peer.url())
          let ended = Watched(false)
          client.monitor(
            { if ended.value { late.append($0.timestamp) } },
            onEnd: {
              ended.update { $0 = true }
              ends.append($0)
            })
          for _ in 0..<(number % 50) { await Task.yield() }
          client.stopMonitoring()
        }
      }
    }
    let all = try await ends.wait(count: monitors)
    #expect(all.count == monitors)
    #expect(all.allSatisfy { $0 == .success(nil) })
    #expect(late.all == [])
    serving.cancel()
    peer.close()
    peer.closeAll()
  }
}
