internal import Histogram

/// What happened so far.
///
/// Lives on the load's queue.
struct Recorder {
  /// Only then is counted what belongs to the measurement.
  var isMeasuring = false

  private(set) var bytes = 0
  private(set) var events = 0
  private(set) var eventsWithoutTime = 0
  private(set) var failures: [LoadFailure: Int] = [:]
  var connected = 0
  var properEnds = 0
  private(set) var published = 0
  private(set) var refusedPublishes = 0
  var failedPublishes = 0

  /// In nanoseconds.
  private(set) var heads = Recorder.histogram()
  private(set) var latencies = Recorder.histogram()
  private(set) var answers = Recorder.histogram()

  private static func histogram() -> Histogram<UInt64> {
    // To the microsecond, up to an hour.
    Histogram(lowestDiscernibleValue: 1000, highestTrackableValue: 3_600_000_000_000)
  }

  mutating func received(_ count: Int) {
    if isMeasuring { bytes += count }
  }

  mutating func delivered(after latency: UInt64?) {
    guard isMeasuring else { return }
    events += 1
    guard let latency else {
      eventsWithoutTime += 1
      return
    }
    latencies.record(min(latency, latencies.highestTrackableValue))
  }

  mutating func opened(after time: UInt64) {
    connected += 1
    heads.record(min(time, heads.highestTrackableValue))
  }

  mutating func failed(_ failure: LoadFailure) { failures[failure, default: 0] += 1 }

  mutating func answered(status: Int, after time: UInt64) {
    guard isMeasuring else { return }
    if 200...299 ~= status { published += 1 } else { refusedPublishes += 1 }
    answers.record(min(time, answers.highestTrackableValue))
  }
}
