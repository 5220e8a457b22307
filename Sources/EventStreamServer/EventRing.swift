/// The last events of a channel as the bytes that go out, each under its number.
///
/// Bounded by count and by bytes; the latest event is always held, however large it is.
struct EventRing {
  private let limit: EventChannel.History
  /// The frames; those before `start` are gone and wait to be compacted.
  private var frames: [[UInt8]] = []
  private var start = 0
  private var bytes = 0
  /// The number of the latest event; 0 before the first.
  private(set) var latest: UInt64 = 0

  init(limit: EventChannel.History) {
    self.limit = limit
  }

  /// The number of the oldest event held; `latest + 1` when none is.
  var oldest: UInt64 { latest &+ 1 &- UInt64(frames.count - start) }

  /// Numbers the frame `latest + 1`.
  mutating func append(_ frame: [UInt8]) {
    frames.append(frame)
    bytes += frame.count
    latest += 1
    while frames.count - start > 1, frames.count - start > limit.events || bytes > limit.bytes {
      bytes -= frames[start].count
      frames[start] = []
      start += 1
    }
    // Half of the array has to be gone before the other half moves: each frame moves once at most.
    if start > 16, start > frames.count / 2 {
      frames.removeFirst(start)
      start = 0
    }
  }

  /// The event at `cursor`, which moves behind it; nil when there is none yet. A cursor whose event is gone moves to
  /// the latest one: what a channel tells is a state, and a subscriber who lags needs the state, not the backlog.
  func next(_ cursor: inout UInt64) -> [UInt8]? {
    guard cursor <= latest else { return nil }
    if cursor < oldest { cursor = latest }
    defer { cursor += 1 }
    return frames[start + Int(cursor - oldest)]
  }
}
