/// Writes the Prometheus text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct PrometheusText {
  static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  /// What only grows. The name without `_total`, which is added.
  mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
    counter(name, help, label: nil, [("", value)])
  }

  /// The same by a label, sorted by its values.
  mutating func counter(_ name: String, _ help: String, label: String?, _ values: [(String, UInt64)]) {
    head("\(name)_total", help, "counter")
    for (key, value) in values { line("\(name)_total", label.map { [($0, key)] } ?? [], "\(value)") }
  }

  /// Seconds that only grow.
  mutating func counterOfSeconds(_ name: String, _ help: String, _ value: Double) {
    head("\(name)_total", help, "counter")
    line("\(name)_total", [], Self.number(value))
  }

  /// What goes up and down.
  mutating func gauge(_ name: String, _ help: String, _ value: Double) {
    gauge(name, help, label: nil, [("", value)])
  }

  mutating func gauge(_ name: String, _ help: String, label: String?, _ values: [(String, Double)]) {
    head(name, help, "gauge")
    for (key, value) in values { line(name, label.map { [($0, key)] } ?? [], Self.number(value)) }
  }

  /// - Parameter buckets: how many there were in each; one more than there are bounds.
  mutating func histogram(_ name: String, _ help: String, bounds: [Double], buckets: [UInt64], sum: Double) {
    head(name, help, "histogram")
    var count: UInt64 = 0
    for (bound, bucket) in zip(bounds.map(Self.number) + ["+Inf"], buckets) {
      count += bucket
      line("\(name)_bucket", [("le", bound)], "\(count)")
    }
    line("\(name)_sum", [], Self.number(sum))
    line("\(name)_count", [], "\(count)")
  }

  private mutating func head(_ name: String, _ help: String, _ type: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  /// The values of labels here are words of ours, with nothing to escape.
  private mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
    let labels = labels.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",")
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
