import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import IOQueue

@Suite(.paced, .timeLimit(.minutes(3)))
struct IOQueueTests {
  @Test func readableDescriptorIsReportedOnTheQueue() async throws {
    let io = try IOQueue(label: "test")
    let pair = try SocketPair()
    let seen = await withCheckedContinuation { continuation in
      io.perform { [io] in
        let handler = Handler { descriptor, events in
          continuation.resume(returning: (descriptor, events, io.isCurrent))
          io.unwatch(descriptor)
        }
        io.watch(pair.a, for: .readable, handler)
        pair.write(to: pair.b)
      }
    }
    #expect(seen.0 == pair.a)
    #expect(seen.1.contains(.readable))
    #expect(seen.2)
  }

  @Test func peerThatClosesIsReported() async throws {
    let io = try IOQueue(label: "test")
    let pair = try SocketPair()
    let events = await withCheckedContinuation { continuation in
      io.perform { [io] in
        io.watch(pair.a, for: [.peerClosed, .once], Handler { _, events in continuation.resume(returning: events) })
        shutdown(pair.b, Int32(SHUT_WR))
      }
    }
    #expect(events.contains(.peerClosed))
  }

  @Test func unwatchedDescriptorIsSilentEvenWhenItsEventIsInTheSameBatch() async throws {
    let io = try IOQueue(label: "test")
    let first = try SocketPair()
    let second = try SocketPair()
    let reports = Mutex<[Int32]>([])
    await withCheckedContinuation { continuation in
      io.perform { [io] in
        // Both are ready before the queue looks: whichever comes first silences the other.
        let handler = Handler { descriptor, _ in
          reports.withLock { $0.append(descriptor) }
          io.unwatch(first.a)
          io.unwatch(second.a)
          let timer = Retained<IOTimer>()
          timer.value = IOTimer(on: io) {
            timer.value = nil
            continuation.resume()
          }
          timer.value?.schedule(after: .milliseconds(1))
        }
        first.write(to: first.b)
        second.write(to: second.b)
        io.watch(first.a, for: .readable, handler)
        io.watch(second.a, for: .readable, handler)
      }
    }
    #expect(reports.withLock { $0.count } == 1)
  }

  /// libcurl closes a socket and opens another, which gets the number of the first, in the same breath.
  @Test func numberThatComesBackIsWatchedAfresh() async throws {
    let io = try IOQueue(label: "test")
    for _ in 0..<200 {
      await withCheckedContinuation { continuation in
        io.perform { [io] in
          let old = try! SocketPair()
          io.watch(old.a, for: .readable, Handler { _, _ in Issue.record("the old watch is still there") })
          io.unwatch(old.a)
          old.close()
          let new = try! SocketPair()
          io.watch(
            new.a, for: .readable,
            Handler { descriptor, _ in
              io.unwatch(descriptor)
              new.close()
              continuation.resume()
            })
          new.write(to: new.b)
        }
      }
    }
  }

  @Test func whatIsPerformedRunsInOrderAndOnTheQueue() async throws {
    let io = try IOQueue(label: "test")
    let order = Retained<[Int]>([])
    let onQueue = Atomic<Int>(0)
    #expect(!io.isCurrent)
    for number in 0..<1000 {
      io.perform {
        if io.isCurrent { onQueue.add(1, ordering: .relaxed) }
        order.value!.append(number)
        // What comes about on the queue has its turn after what is there.
        if number == 500 { io.perform { order.value!.append(-1) } }
      }
    }
    let seen = io.sync { order.value! }
    let all = io.sync { order.value! }
    #expect(seen.filter { $0 >= 0 } == Array(0..<1000))
    #expect(all.contains(-1))
    #expect(onQueue.load(ordering: .relaxed) == 1000)
  }

  @Test func threadsThatPerformAtOnceLoseNothing() async throws {
    let io = try IOQueue(label: "test")
    let numbers = Retained<[[Int]]>([[], [], [], []])
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for number in 0..<2000 { io.perform { numbers.value![thread].append(number) } }
    }
    let seen = io.sync { numbers.value! }
    #expect(seen == Array(repeating: Array(0..<2000), count: 4))
  }

  @Test func afterItsEndAQueueStillRunsWhatIsPerformed() async throws {
    let io = try IOQueue(label: "test")
    let pair = try SocketPair()
    io.sync { _ = io.watch(pair.a, for: .readable, Handler { _, _ in Issue.record("a closed queue reports nothing") }) }
    io.close()
    io.close()
    // It closes in its turn.
    #expect(io.sync { true })
    pair.write(to: pair.b)
    for _ in 1...100 { #expect(io.sync { io.isCurrent }) }
    pair.close()
  }

  @Test func queueThatNobodyKeepsGivesItsDescriptorsBack() async throws {
    weak var forgotten: IOQueue?
    for _ in 1...50 {
      let io = try IOQueue(label: "test")
      #expect(io.sync { true })
      forgotten = io
    }
    // The queue may be in the middle of its last turn.
    while forgotten != nil { await Task.yield() }
  }

  @Test func durationsBecomeNanosecondsWithoutOverflow() {
    #expect(Duration.milliseconds(1500).nanoseconds == 1_500_000_000)
    #expect(Duration.seconds(-1).nanoseconds == 0)
    #expect(Duration.seconds(Int64.max).nanoseconds == UInt64(Int64.max))
  }
}
