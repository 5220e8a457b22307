internal import IOQueue

/// What a server has done and has to do, counted where it happens.
///
/// Lives on the server's queue.
final class Counters {
  var subscribers = 0
  var published: UInt64 = 0
  var delivered: UInt64 = 0
  var conflated: UInt64 = 0
  var replayed: UInt64 = 0
  var resets: UInt64 = 0
  var bytes: UInt64 = 0
  var requests: UInt64 = 0
  var refusals: [Refusal: UInt64] = [:]
  var latency = Histogram()
}

/// Why the server itself refuses a request.
package enum Refusal: String, Sendable, CaseIterable {
  case malformed
  case tooLarge = "too_large"
  case connections
  case draining
}

/// How often something took how long, in buckets.
package struct Histogram: Sendable {
  /// The upper bounds, in seconds.
  package static let bounds: [Double] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]
  private static let nanoseconds = bounds.map { UInt64($0 * 1e9) }

  /// For each bound what was above the one before it; at the end what was above all.
  package private(set) var buckets = [UInt64](repeating: 0, count: bounds.count + 1)
  /// In nanoseconds.
  private var total: UInt64 = 0

  package var count: UInt64 { buckets.reduce(0, +) }
  /// Of all that was observed, in seconds.
  package var sum: Double { Double(total) / 1e9 }

  mutating func observe(since start: UInt64) {
    let time = Monotonic.now &- start
    total &+= time
    buckets[Self.nanoseconds.firstIndex { time <= $0 } ?? Self.bounds.count] += 1
  }
}

/// A server's figures at one moment, all since its start but for those that say what is now.
package struct ServerFigures: Sendable {
  /// Open streams, now.
  package var subscribers: Int
  /// Open connections, now.
  package var connections: Int
  /// How many events the subscriber furthest behind is behind, now.
  package var largestLag: UInt64
  package var published: UInt64
  /// Events handed to a subscriber's connection.
  package var delivered: UInt64
  /// Events that a subscriber did not get, because a later one of their channel had taken their place.
  package var conflated: UInt64
  /// Those of the delivered that a subscriber who came back had missed.
  package var replayed: UInt64
  /// Subscribers who came back with an id that was not held any more.
  package var resets: UInt64
  /// Of event streams, without what HTTP adds.
  package var bytes: UInt64
  /// Requests that were answered.
  package var requests: UInt64
  package var refusals: [Refusal: UInt64]
  /// From an event's publishing to its being handed to a subscriber's connection.
  package var latency: Histogram

  init(_ counters: Counters, connections: Int, largestLag: UInt64) {
    subscribers = counters.subscribers
    self.connections = connections
    self.largestLag = largestLag
    published = counters.published
    delivered = counters.delivered
    conflated = counters.conflated
    replayed = counters.replayed
    resets = counters.resets
    bytes = counters.bytes
    requests = counters.requests
    refusals = counters.refusals
    latency = counters.latency
  }
}
