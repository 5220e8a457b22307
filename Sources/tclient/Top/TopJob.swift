import TranslationAPI
import TranslationClient

/// A row of `top`: a translation, and how fast it gets on.
struct TopJob {
  struct Description {
    let languages: String
    let title: String
  }

  let id: String
  var created: Double
  /// Nil until the server's list has told it.
  var description: Description?
  /// Whether the server's list has it is not known.
  var isUnlisted = true
  var latest: StatusUpdate?
  /// Of the latest update, in seconds; nil for what was there when we came, which may be old.
  private(set) var delay: Double?
  /// Progress a second, smoothed; nil before there are two reports to compare.
  private(set) var rate: Double?

  init(id: String, created: Double) {
    self.id = id
    self.created = created
  }

  /// - Returns: how long the update took to get here, unless it is the first.
  mutating func advance(to received: ReceivedUpdate) -> Double? {
    defer { latest = received.update }
    guard let latest else { return nil }
    let delay = received.delay.seconds
    self.delay = delay
    let seconds = received.timestamp - latest.timestamp
    if let after = received.progress, seconds > 0, after >= latest.progress ?? 0 {
      let now = (after - (latest.progress ?? 0)) / seconds
      rate = rate.map { $0 * 0.7 + now * 0.3 } ?? now
    }
    return delay
  }

  var status: TranslationStatus? { latest?.status }

  /// 0 to 1; of one that says nothing, by its status.
  var progress: Double { latest?.progress ?? (status == .completed ? 1 : 0) }

  /// From its start to its end, or to now.
  func elapsed(at now: Double) -> Double {
    let end = latest.flatMap { $0.status.isFinal ? $0.timestamp : nil } ?? now
    return max(0, end - created)
  }

  /// Seconds to the end, if it goes on like that.
  func remaining(at now: Double) -> Double? {
    guard let latest, latest.status == .running, let rate, rate > 0 else { return nil }
    return max(0, (1 - progress) / rate - max(0, now - latest.timestamp))
  }

  /// What wants looking at comes first.
  var urgency: Int {
    switch status {
    case .running: 0
    case .pending: 1
    case .error: 2
    case .cancelled: 3
    case .completed: 4
    case nil: 5
    }
  }

  /// - Parameter needle: in lower case.
  func matches(_ needle: String) -> Bool {
    id.lowercased().contains(needle) || status?.rawValue.contains(needle) == true
      || description?.title.lowercased().contains(needle) == true
      || description?.languages.lowercased().contains(needle) == true
  }
}
