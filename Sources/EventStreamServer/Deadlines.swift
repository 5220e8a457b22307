internal import IOQueue

/// Looks from time to time for connections whose request should have been there by now: a timer for each would cost more
/// than the connection.
///
/// Lives on the shard's queue.
final class Deadlines {
  private unowned let shard: Shard
  /// How many connections have one.
  private var count = 0
  private lazy var timer = IOTimer(on: shard.queue) { [unowned self] in check() }

  init(of shard: Shard) { self.shard = shard }

  func add() {
    count += 1
    if !timer.isScheduled { schedule() }
  }

  func remove() { count -= 1 }

  func cancel() { timer.cancel() }

  private func schedule() {
    timer.schedule(after: min(shard.configuration.requestDeadline / 16, Self.longestPause))
  }

  private static let longestPause: Duration = .milliseconds(625)

  private func check() {
    let now = Monotonic.now
    for connection in shard.connections.others { connection.checkDeadline(at: now) }
    if count > 0 { schedule() }
  }
}
