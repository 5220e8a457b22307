import ToolSupport
import TranslationAPI
import TranslationClient

/// How long updates took to get here. The first one of a translation does not count: it may be old.
struct DelaySummary {
  private var seen: Set<String> = []
  /// In seconds.
  private var delays: [Double] = []

  mutating func add(_ update: ReceivedUpdate) {
    if !seen.insert(update.update.job ?? "").inserted { delays.append(update.delay.seconds) }
  }

  var isEmpty: Bool { delays.isEmpty }

  /// One line for a person.
  var text: String {
    guard !isEmpty else { return "Delay of 0 updates" }
    func milliseconds(_ seconds: Double) -> String { "\((seconds * 1000).formatted(decimals: 3)) ms" }
    let (median, high, largest) = parts
    if delays.count == 1 { return "Delay of 1 update: \(milliseconds(largest))" }
    return "Delay of \(delays.count) updates: p50 \(milliseconds(median)), p99 \(milliseconds(high)), "
      + "max \(milliseconds(largest))"
  }

  /// The same in seconds: `{"delays":{"count":…,"p50":…,"p99":…,"max":…}}`.
  var json: String {
    JSONWriter.object { object in
      object.member(
        "delays",
        json: JSONWriter.object { delays in
          delays.member("count", self.delays.count)
          guard !isEmpty else { return }
          let (median, high, largest) = parts
          delays.member("p50", median)
          delays.member("p99", high)
          delays.member("max", largest)
        })
    }
  }

  private var parts: (median: Double, high: Double, largest: Double) {
    let sorted = delays.sorted()
    func part(_ fraction: Double) -> Double { sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))] }
    return (part(0.5), part(0.99), sorted[sorted.count - 1])
  }
}
