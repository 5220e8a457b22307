/// Lets connections to one origin begin a few at a time.
///
/// libcurl 7.88 starts a thread and a socket pair for each name lookup under way, and keeps the pair for the life of
/// the connection: the first stream of a host looks its name up alone, and the rest find it in libcurl's cache. And a
/// server whose backlog is flooded by ten thousand connects drops some of them for a second or more.
struct ConnectGate<Key: Hashable> {
  /// How many connections to one origin may be under way.
  private let width: Int
  /// For how long a name that was looked up counts as known: a little less than libcurl keeps it.
  private let memory: Duration
  private var origins: [Key: Origin] = [:]

  private struct Origin {
    var waiting: [CurlTransfer] = []
    var connecting = 0
    var knownSince: Duration?
  }

  init(width: Int = 64, memory: Duration = .seconds(50)) {
    self.width = width
    self.memory = memory
  }

  /// - Returns: whether the transfer may begin now; else it comes out of `admit` later.
  mutating func enter(_ transfer: CurlTransfer, _ key: Key, needsNoLookup: Bool, at now: Duration) -> Bool {
    var origin = origins[key] ?? Origin()
    defer { origins[key] = origin }
    if needsNoLookup { origin.knownSince = now }
    if origin.connecting < limit(origin, at: now) {
      origin.connecting += 1
      return true
    }
    origin.waiting.append(transfer)
    return false
  }

  /// A transfer that was let through has connected, or failed to; `connected` tells which.
  mutating func leave(_ key: Key, connected: Bool, at now: Duration) {
    guard var origin = origins[key] else { return }
    origin.connecting -= 1
    if connected { origin.knownSince = now }
    origins[key] = origin.connecting == 0 && origin.waiting.isEmpty && origin.knownSince == nil ? nil : origin
  }

  /// The transfers that may begin now.
  mutating func admit(_ key: Key, at now: Duration) -> [CurlTransfer] {
    guard var origin = origins[key], !origin.waiting.isEmpty else { return [] }
    origin.waiting.removeAll { $0.isRemoved }
    let room = max(0, limit(origin, at: now) - origin.connecting)
    let admitted = origin.waiting.prefix(room)
    origin.waiting.removeFirst(admitted.count)
    origin.connecting += admitted.count
    origins[key] = origin
    return Array(admitted)
  }

  private func limit(_ origin: Origin, at now: Duration) -> Int {
    guard let knownSince = origin.knownSince, now - knownSince < memory else { return 1 }
    return width
  }
}
