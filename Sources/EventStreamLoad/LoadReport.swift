internal import Histogram

/// What a load came to. Times are in seconds, sizes in bytes.
package struct LoadReport: Sendable {
  /// Of something that happened often.
  package struct Distribution: Sendable, Equatable {
    package let count: Int
    package let mean: Double
    package let p50: Double
    package let p90: Double
    package let p99: Double
    package let p999: Double
    package let max: Double
  }

  /// What the server's processes used.
  package struct Server: Sendable {
    /// Before the first connect, with all subscribers idle, and at the end of the measurement.
    package let memoryBefore: Int
    package let memoryIdle: Int
    package let memoryAfter: Int
    /// CPU time from the first connect to the last response.
    package let cpuConnecting: Double
    /// CPU time of the measurement.
    package let cpuMeasuring: Double
  }

  package let subscribers: Int
  /// Subscribers that got an event stream.
  package let connected: Int
  package let stalled: Int
  /// From the first connect to the last response.
  package let connectSeconds: Double
  /// From a connect to the head of its response.
  package let heads: Distribution?
  /// How long the measurement was.
  package let seconds: Double
  package let deliveries: Int
  /// Of the subscribers that read: who got the fewest and who got the most, from its connect on.
  package let fewest: Int
  package let most: Int
  package let bytes: Int
  package let latencies: Distribution?
  package let eventsWithoutTime: Int
  package let published: Int
  package let refusedPublishes: Int
  package let failedPublishes: Int
  /// From when an event was to be published to the publisher's answer.
  package let answers: Distribution?
  /// Streams that came to their proper end.
  package let properEnds: Int
  package let failures: [LoadFailure: Int]
  package let server: Server?
  /// CPU time of this process in the measurement.
  package let ownCPU: Double

  /// Whether every subscriber got its stream and none lost it.
  package var isComplete: Bool { connected == subscribers && failures.isEmpty }

  package var connectsPerSecond: Double { connectSeconds > 0 ? Double(connected) / connectSeconds : 0 }
  package var deliveriesPerSecond: Double { seconds > 0 ? Double(deliveries) / seconds : 0 }
  package var bytesPerSecond: Double { seconds > 0 ? Double(bytes) / seconds : 0 }
  package var ownCPUPerDelivery: Double? { deliveries > 0 ? ownCPU / Double(deliveries) : nil }
}

extension LoadReport.Distribution {
  /// Nil if nothing happened.
  init?(nanoseconds histogram: Histogram<UInt64>) {
    guard histogram.totalCount > 0 else { return nil }
    func seconds(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1e9 }
    self.init(
      count: Int(histogram.totalCount), mean: histogram.mean / 1e9, p50: seconds(50), p90: seconds(90),
      p99: seconds(99), p999: seconds(99.9), max: Double(histogram.max) / 1e9)
  }
}

/// How far a load is.
package struct LoadProgress: Sendable {
  package enum Phase: String, Sendable {
    case connecting, settling, measuring
  }
  package let phase: Phase
  package let connected: Int
  package let subscribers: Int
  package let failed: Int
  /// In the measurement so far.
  package let deliveries: Int
  /// Seconds that the measurement has been going on.
  package let seconds: Double
}
