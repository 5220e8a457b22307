/// How many updates came in each of the last seconds, and how long the latest took.
struct TopTraffic {
  /// Seconds that are looked back.
  static let window = 10
  private static let delayCount = 1000

  /// By second modulo `window`.
  private var slots = [(second: Int, count: Int)](repeating: (.min, 0), count: window)
  private var delays: [Double] = []
  private var nextDelay = 0

  mutating func count(at time: Double) {
    let second = Int(time)
    let slot = Self.slot(second)
    if slots[slot].second != second { slots[slot] = (second, 0) }
    slots[slot].count += 1
  }

  /// Of the newest thousand.
  mutating func add(delay: Double) {
    if delays.count < Self.delayCount { delays.append(delay) } else { delays[nextDelay] = delay }
    nextDelay = (nextDelay + 1) % Self.delayCount
  }

  /// Updates in each of the last whole seconds, the oldest first.
  func history(at now: Double) -> [Int] {
    let second = Int(now)
    return (1...Self.window).reversed().map { ago in
      let slot = slots[Self.slot(second - ago)]
      return slot.second == second - ago ? slot.count : 0
    }
  }

  /// Updates a second, over the last five whole ones.
  func rate(at now: Double) -> Double { Double(history(at: now).suffix(5).reduce(0, +)) / 5 }

  /// Also of a clock that was never set, before 1970.
  private static func slot(_ second: Int) -> Int { (second % window + window) % window }

  /// In seconds; nil as long as there is none.
  var delay: (median: Double, largest: Double)? {
    guard !delays.isEmpty else { return nil }
    let sorted = delays.sorted()
    return (sorted[sorted.count / 2], sorted[sorted.count - 1])
  }
}
