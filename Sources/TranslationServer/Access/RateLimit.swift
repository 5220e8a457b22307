/// So many requests a second for each name, as many as one second has at once: a bucket of tokens for each.
///
/// Times are nanoseconds of a clock that does not jump.
struct RateLimit<Name: Hashable & Sendable>: Sendable {
  private struct Bucket: Sendable {
    var tokens: Double
    var time: UInt64
  }

  private let rate: Double
  private let burst: Double
  private let capacity: Int
  private var buckets: [Name: Bucket] = [:]
  /// For names that there is no room for.
  private var others: Bucket
  /// When it is worth looking again for names that need not be remembered.
  private var nextSearch: UInt64 = 0

  /// - Parameters:
  ///   - rate: above 0.
  ///   - capacity: the names that are told apart at a time; beyond, new ones share one bucket.
  init(rate: Double, capacity: Int = 10_000) {
    precondition(rate > 0, "a rate of no requests is no limit: leave it out, or refuse them all by a token")
    self.rate = rate
    self.capacity = capacity
    burst = max(rate, 1)
    others = Bucket(tokens: burst, time: 0)
  }

  /// Names that are remembered.
  var count: Int { buckets.count }

  /// Takes one.
  ///
  /// - Returns: nil if there was one, or the seconds until there is.
  mutating func take(_ name: Name, at time: UInt64) -> Double? {
    if let bucket = buckets[name] {
      let (left, wait) = spend(bucket, time)
      buckets[name] = left
      return wait
    }
    if buckets.count >= capacity { forgetFull(time) }
    guard buckets.count < capacity else {
      let (left, wait) = spend(others, time)
      others = left
      return wait
    }
    let (left, wait) = spend(Bucket(tokens: burst, time: time), time)
    buckets[name] = left
    return wait
  }

  private func spend(_ bucket: Bucket, _ time: UInt64) -> (Bucket, Double?) {
    let tokens = level(bucket, time)
    guard tokens >= 1 else { return (Bucket(tokens: tokens, time: max(time, bucket.time)), (1 - tokens) / rate) }
    return (Bucket(tokens: tokens - 1, time: max(time, bucket.time)), nil)
  }

  private func level(_ bucket: Bucket, _ time: UInt64) -> Double {
    let elapsed = time > bucket.time ? Double(time - bucket.time) / 1e9 : 0
    return min(burst, bucket.tokens + elapsed * rate)
  }

  /// A full bucket is as good as none. All are full again after a burst's time: sooner there is little to find.
  private mutating func forgetFull(_ time: UInt64) {
    guard time >= nextSearch else { return }
    buckets = buckets.filter { level($0.value, time) < burst }
    nextSearch = time &+ UInt64(min(burst / rate, 3600) * 1e9)
  }
}
