internal import IOQueue
internal import Synchronization

/// What one shard has done and has to do, counted where it happens.
///
/// Counted on the shard's queue, `published` on any thread; read anywhere.
final class Counters: Sendable {
  let subscribers = Atomic<Int>(0)
  let connections = Atomic<Int>(0)
  let largestLag = Atomic<UInt64>(0)
  let published = Atomic<UInt64>(0)
  let delivered = Atomic<UInt64>(0)
  let conflated = Atomic<UInt64>(0)
  let replayed = Atomic<UInt64>(0)
  let resets = Atomic<UInt64>(0)
  let bytes = Atomic<UInt64>(0)
  let requests = Atomic<UInt64>(0)
  let latency = LatencyCounter()
  /// One for each `Refusal`.
  private let refusals = InlineArray<5, Atomic<UInt64>> { _ in Atomic(0) }

  /// An event that a subscriber is about to be sent.
  func count(_ step: Cursor.Step, isReplay: Bool) {
    delivered.count()
    if step.skipped > 0 { conflated.count(step.skipped) }
    if !step.isOld {
      latency.observe(since: step.event.time)
    } else if isReplay {
      replayed.count()
    }
  }

  func count(_ refusal: Refusal) { refusals[refusal.index].count() }

  func count(of refusal: Refusal) -> UInt64 { refusals[refusal.index].load(ordering: .relaxed) }
}

extension Atomic where Value == UInt64 {
  func count(_ number: UInt64 = 1) { wrappingAdd(number, ordering: .relaxed) }
}

/// Why the server itself refuses a request.
package enum Refusal: String, Sendable, CaseIterable {
  case malformed
  case tooLarge = "too_large"
  case memory
  case connections
  case draining

  fileprivate var index: Int { Self.allCases.firstIndex(of: self)! }
}

/// How often something took how long, in buckets.
package struct Histogram: Sendable {
  /// The upper bounds, in seconds.
  package static let bounds: [Double] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  /// For each bound what was above the one before it; at the end what was above all.
  package fileprivate(set) var buckets = [UInt64](repeating: 0, count: bounds.count + 1)
  /// Of all that was observed, in seconds.
  package fileprivate(set) var sum = 0.0

  package var count: UInt64 { buckets.reduce(0, +) }
}

/// A histogram that is counted on one thread and read on others.
final class LatencyCounter: Sendable {
  private static let bounds = Histogram.bounds.map { UInt64($0 * 1e9) }

  private let buckets = InlineArray<17, Atomic<UInt64>> { _ in Atomic(0) }
  /// In nanoseconds.
  private let total = Atomic<UInt64>(0)

  func observe(since start: UInt64) {
    let time = Monotonic.now &- start
    total.count(time)
    buckets[Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count].count()
  }

  func add(to histogram: inout Histogram) {
    for index in histogram.buckets.indices { histogram.buckets[index] += buckets[index].load(ordering: .relaxed) }
    histogram.sum += Double(total.load(ordering: .relaxed)) / 1e9
  }
}
