import Dispatch
import EventStreamServer
import Synchronization
import ToolSupport

/// Writes access records to standard output, from a queue of its own: a terminal or a pipe that stalls must not stall
/// the server, and a line of its own for each of many requests would cost more than they do. What piles up beyond a
/// limit is dropped, and counted in a line of its own.
///
/// Safe from any thread.
final class AccessLog: Sendable {
  private struct Pending {
    var records: [AccessRecord] = []
    var dropped = 0
    var isScheduled = false
  }

  private let pending = Mutex(Pending())
  private let queue = DispatchQueue(label: "AccessLog")

  private static let limit = 10_000
  /// What comes so soon after the first is written with it.
  private static let delay: DispatchTimeInterval = .milliseconds(20)

  func append(_ record: AccessRecord) {
    let hasToSchedule = pending.withLock { pending in
      if pending.records.count < Self.limit { pending.records.append(record) } else { pending.dropped += 1 }
      defer { pending.isScheduled = true }
      return !pending.isScheduled
    }
    if hasToSchedule { queue.asyncAfter(deadline: .now() + Self.delay) { self.write() } }
  }

  /// Returns when what was appended before is written, or after `limit`: nobody may be reading.
  func flush(within limit: DispatchTimeInterval) {
    let written = DispatchSemaphore(value: 0)
    queue.async {
      self.write()
      written.signal()
    }
    _ = written.wait(timeout: .now() + limit)
  }

  private func write() {
    let (records, dropped) = pending.withLock { pending in
      defer { pending = Pending() }
      return (pending.records, pending.dropped)
    }
    guard !records.isEmpty else { return }
    let omission = dropped > 0 ? "(\(dropped) more requests)\n" : ""
    // A server goes on when nobody reads its log.
    _ = Output.attempt(records.map { "\($0)\n" }.joined() + omission, to: Output.standard)
  }
}

/// Counts signals, and lets a thread wait for the first.
final class AsyncSignals: Sendable {
  private let count = Atomic(0)
  private let first = DispatchSemaphore(value: 0)

  /// - Returns: how many have come, with this one.
  func arrived() -> Int {
    first.signal()
    return count.add(1, ordering: .relaxed).newValue
  }

  func wait() { first.wait() }
}
