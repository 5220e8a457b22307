import Dispatch
import EventStream
import Synchronization
import TestSupport
import Testing

@testable import EventStreamClient

@Suite(.paced, .timeLimit(.minutes(3)))
struct CancelTests {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  func stream() async throws -> PeerConnection {
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respondEventStream()
    return connection
  }

  /// Best of several: another suite may hold the machine for a moment.
  @Test func serverSeesTheCloseWithinTenMilliseconds() async throws {
    var best = Duration.seconds(1)
    for _ in 0..<10 {
      let recording = Recording(.quick(peer.url()))
      let connection = try await stream()
      try await connection.sendChunk("data: x\n\n")
      try await recording.events.wait(count: 1)
      let start = ContinuousClock.now
      recording.subscription.cancel()
      best = min(best, try await connection.closedByClient() - start)
    }
    #expect(best < .milliseconds(10))
  }

  @Test func cancelInsideAnEventIsTheLastOfThem() async throws {
    let seen = Recorder<String>()
    let ends = Recorder<Result<EventSource.End, EventSourceError>>()
    let subscription = Watched<EventSource.Subscription?>(nil)
    let opened = EventSource.quick(peer.url()).open(
      onEvent: { event, _ in
        seen.append(event.data)
        if event.data == "2" { subscription.value!.cancel() }
      },
      onEnd: { ends.append($0) })
    subscription.update { $0 = opened }
    let connection = try await stream()
    // All in one read.
    try await connection.sendChunk((1...5).map { "data: \($0)\n\n" }.joined())
    #expect(try await ends.wait(count: 1) == [.success(.cancelled)])
    #expect(seen.all == ["1", "2"])
    try await connection.closedByClient()
  }

  private final class Released: Sendable {
    let isReleased: Watched<Bool>
    init(_ isReleased: Watched<Bool>) { self.isReleased = isReleased }
    deinit { isReleased.update { $0 = true } }
  }

  /// On the queue, where a cancel comes before what other threads have begun meanwhile.
  @Test func streamThatIsCancelledBeforeItsStartIsReleased() async throws {
    let isReleased = Watched(false)
    let first = EventSource.quick(peer.url()).open(
      onState: { [url = peer.url()] _ in
        let opened = Watched<EventSource.Subscription?>(nil)
        let isOpen = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
          var source = EventSource.quick(url)
          let held = Released(isReleased)
          source.prepare = { request, _ in
            _ = held
            return request
          }
          let subscription = source.open(onEvent: { _, _ in }, onEnd: { _ in })
          opened.update { $0 = subscription }
          isOpen.signal()
        }
        isOpen.wait()
        opened.value!.cancel()
      },
      onEvent: { _, _ in }, onEnd: { _ in })
    try await isReleased.wait(for: "the cancelled stream's release") { $0 ? () : nil }
    first.cancel()
  }

  @Test func cancelDuringTheRequest() async throws {
    let recording = Recording(.quick(peer.url()))
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    recording.subscription.cancel()
    #expect(try await recording.end() == .success(.cancelled))
    try await connection.closedByClient()
  }

  @Test func cancelDuringTheWait() async throws {
    var source = EventSource.quick(peer.url())
    source.reconnection.reconnectionTime = .seconds(3600)
    let recording = Recording(source)
    try await stream().close()
    _ = try await recording.waiting()
    recording.subscription.cancel()
    #expect(try await recording.end() == .success(.cancelled))
    #expect(peer.connectionCount == 1)
  }

  @Test func cancelDuringThePreparation() async throws {
    var source = EventSource.quick(peer.url())
    let reached = Recorder<Bool>()
    source.prepare = { request, _ in
      reached.append(true)
      // Never comes, until the task is cancelled.
      for await _ in AsyncStream<Void>.makeStream().stream {}
      return request
    }
    let recording = Recording(source)
    try await reached.wait(count: 1)
    recording.subscription.cancel()
    #expect(try await recording.end() == .success(.cancelled))
    #expect(peer.connectionCount == 0)
  }

  @Test func cancelAtOnceAndTwice() async throws {
    let recording = Recording(.quick(peer.url()))
    recording.subscription.cancel()
    recording.subscription.cancel()
    #expect(try await recording.end() == .success(.cancelled))
  }

  /// Cancels from other threads at every stage, at random, and looks for anything that comes after the end.
  @Test func endIsOneAndLastWheneverTheCancelComes() async throws {
    let peer = self.peer
    let serving = Task {
      while !Task.isCancelled {
        guard let connection = try? await peer.nextConnection() else { return }
        Task {
          _ = try? await connection.request()
          try? await connection.respondEventStream()
          for number in 0..<20 { try? await connection.sendChunk("data: \(number)\n\n") }
          connection.close()
        }
      }
    }
    await withTaskGroup { group in
      for round in 0..<300 {
        group.addTask {
          let counts = Counts()
          let over = Recorder<Bool>()
          let subscription = EventSource.quick(peer.url()).open(
            onState: { _ in counts.note(after: counts.ends) },
            onEvent: { _, _ in counts.note(after: counts.ends) },
            onEnd: { _ in
              counts.ended()
              over.append(true)
            })
          for _ in 0..<(round % 60) { await Task.yield() }
          subscription.cancel()
          _ = try? await over.wait(count: 1)
          #expect(counts.ends == 1)
          #expect(counts.late == 0)
        }
      }
    }
    serving.cancel()
    peer.close()
    peer.closeAll()
  }
}

private final class Counts: Sendable {
  private let endCount = Atomic(0)
  private let lateCount = Atomic(0)

  var ends: Int { endCount.load(ordering: .sequentiallyConsistent) }
  var late: Int { lateCount.load(ordering: .sequentiallyConsistent) }
  func ended() { endCount.add(1, ordering: .sequentiallyConsistent) }
  func note(after ends: Int) { if ends > 0 { lateCount.add(1, ordering: .sequentiallyConsistent) } }
}
