import Dispatch
import EventStreamServer
import IOQueue
import Synchronization
import ToolSupport

/// Writes access records to standard output, from a thread of its own: a terminal or a pipe that stalls must not stall
/// the server, and a line of its own for each of many requests would cost more than they do. What piles up beyond a
/// limit is dropped, and counted in a line of its own.
///
/// Safe from any thread.
final class AccessLog: Sendable {
  private struct Pending {
    var records: [AccessRecord] = []
    var dropped = 0
    /// To be told when all of it is written.
    var waiters: [DispatchSemaphore] = []
    var isAnnounced = false
  }

  private let pending = Locked(Pending())
  private let news = DispatchSemaphore(value: 0)
  private let hurry = DispatchSemaphore(value: 0)

  private static let limit = 10_000
  /// What comes so soon after the first is written with it.
  private static let delay: DispatchTimeInterval = .milliseconds(20)

  /// - Throws: if the system has no thread for it.
  init() throws(IOError) {
    try DetachedThread.start { [self] in
      while true {
        news.wait()
        _ = hurry.wait(timeout: .now() + Self.delay)
        write()
      }
    }
  }

  func append(_ record: AccessRecord) {
    announce { pending in
      if pending.records.count < Self.limit { pending.records.append(record) } else { pending.dropped += 1 }
    }
  }

  /// Returns when what was appended before is written, or after `limit`: nobody may be reading.
  func flush(within limit: DispatchTimeInterval) {
    let written = DispatchSemaphore(value: 0)
    announce { $0.waiters.append(written) }
    hurry.signal()
    _ = written.wait(timeout: .now() + limit)
  }

  private func announce(_ change: (inout Pending) -> Void) {
    let isFirst = pending.withLock { pending in
      change(&pending)
      defer { pending.isAnnounced = true }
      return !pending.isAnnounced
    }
    if isFirst { news.signal() }
  }

  private func write() {
    let taken = pending.withLock { pending in
      defer { pending = Pending() }
      return pending
    }
    defer { for waiter in taken.waiters { waiter.signal() } }
    guard !taken.records.isEmpty else { return }
    let omission = taken.dropped > 0 ? "(\(taken.dropped) more requests)\n" : ""
    // A server goes on when nobody reads its log.
    _ = Output.attempt(taken.records.map { "\($0)\n" }.joined() + omission, to: Output.standard)
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
