internal import IOQueue

/// Looks for connections whose request should have been there by now, soon after the first of them: a timer for each would
/// cost more than the connection, and one that goes round would wake a server that has nothing to do.
///
/// Lives on the shard's queue.
final class Deadlines {
  private unowned let shard: Shard
  /// When it looks next.
  private var next = UInt64.max
  /// So much later than the first deadline, for all that come up meanwhile: nanoseconds.
  private let pause: UInt64
  private lazy var timer = IOTimer(on: shard.queue) { [unowned self] in look() }

  init(of shard: Shard) {
    self.shard = shard
    pause = min(shard.server.requestDeadline / 16, 625_000_000)
  }

  /// A connection has that one now, by the monotonic clock. Whoever has none any more need not tell.
  func add(_ deadline: UInt64) {
    let time = deadline &+ pause
    guard time < next else { return }
    next = time
    timer.schedule(at: time)
  }

  func cancel() { timer.cancel() }

  private func look() {
    let now = Monotonic.now
    next = .max
    var first: UInt64?
    for connection in shard.connections.others {
      guard let deadline = connection.checkDeadline(at: now) else { continue }
      first = min(deadline, first ?? .max)
    }
    first.map(add)
  }
}
