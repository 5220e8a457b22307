internal import Synchronization

/// A server's figures at one moment, all since its start but for those that say what is now.
package struct ServerFigures: Sendable {
  /// Open streams, now.
  package private(set) var subscribers = 0
  /// Open connections, now.
  package private(set) var connections = 0
  /// How many events the subscriber furthest behind is behind, now.
  package private(set) var largestLag: UInt64 = 0
  package private(set) var published: UInt64 = 0
  /// Events handed to a subscriber's connection.
  package private(set) var delivered: UInt64 = 0
  /// Events that a subscriber did not get, because a later one of their channel had taken their place.
  package private(set) var conflated: UInt64 = 0
  /// Those of the delivered that a subscriber who came back had missed.
  package private(set) var replayed: UInt64 = 0
  /// Subscribers who came back with an id that was not held any more.
  package private(set) var resets: UInt64 = 0
  /// Of event streams, without what HTTP adds.
  package private(set) var bytes: UInt64 = 0
  /// Requests that were answered.
  package private(set) var requests: UInt64 = 0
  package private(set) var refusals: [Refusal: UInt64] = [:]
  /// From an event's publishing to its being handed to a subscriber's connection.
  package private(set) var latency = Histogram()

  /// The sum over shards.
  init(_ shards: some Sequence<Counters>) {
    for counters in shards {
      subscribers += counters.subscribers.load(ordering: .relaxed)
      connections += counters.connections.load(ordering: .relaxed)
      largestLag = max(largestLag, counters.largestLag.load(ordering: .relaxed))
      published += counters.published.load(ordering: .relaxed)
      delivered += counters.delivered.load(ordering: .relaxed)
      conflated += counters.conflated.load(ordering: .relaxed)
      replayed += counters.replayed.load(ordering: .relaxed)
      resets += counters.resets.load(ordering: .relaxed)
      bytes += counters.bytes.load(ordering: .relaxed)
      requests += counters.requests.load(ordering: .relaxed)
      for refusal in Refusal.allCases { refusals[refusal, default: 0] += counters.count(of: refusal) }
      counters.latency.add(to: &latency)
    }
  }
}
