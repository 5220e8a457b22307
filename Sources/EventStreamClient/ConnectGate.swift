/// Lets connections to one origin begin a few at a time.
///
/// libcurl 7.88 starts a thread and a socket pair for each name lookup under way, and keeps the pair for the life of
/// the connection: the first stream of a host looks its name up alone, and the rest find it in libcurl's cache. And a
/// server whose backlog is flooded by ten thousand connects drops some of them for a second or more.
///
/// A lookup that fails is that of all who wait for it: one after the other they would wait for each other's.
struct ConnectGate<Key: Hashable> {
  /// How many connections to one origin may be under way.
  private let width: Int
  /// For how long a name that was looked up counts as known: a little less than libcurl keeps it.
  private let memory: Duration
  private var origins: [Key: Origin] = [:]
  /// At so many origins those that nobody uses are forgotten.
  private var pruningCount = 64

  private struct Origin {
    /// In the order in which they came; those before `next` have been let through, and are let go.
    var waiting: [CurlTransfer?] = []
    var next = 0
    var connecting = 0
    var knownSince: Duration?

    /// Those that were given up while they waited are passed over.
    mutating func takeWaiting() -> CurlTransfer? {
      while next < waiting.count {
        let transfer = waiting[next].take()
        next += 1
        if next > waiting.count / 2 {
          waiting.removeFirst(next)
          next = 0
        }
        if let transfer, !transfer.isRemoved { return transfer }
      }
      return nil
    }
  }

  init(width: Int = 64, memory: Duration = .seconds(50)) {
    self.width = width
    self.memory = memory
  }

  /// - Returns: whether the transfer may begin now; else it comes out of `admit` later.
  mutating func enter(_ transfer: CurlTransfer, _ key: Key, needsNoLookup: Bool, at now: Duration) -> Bool {
    if origins.count >= pruningCount, origins[key] == nil { prune(at: now) }
    if needsNoLookup { origins[key, default: Origin()].knownSince = now }
    guard hasRoom(key, at: now) else {
      origins[key]!.waiting.append(transfer)
      return false
    }
    origins[key, default: Origin()].connecting += 1
    return true
  }

  /// A transfer that was let through has connected, or failed to. `isKnown`: its host's name was looked up.
  mutating func leave(_ key: Key, isKnown: Bool, at now: Duration) {
    origins[key]?.connecting -= 1
    if isKnown { origins[key]?.knownSince = now }
  }

  /// The next transfer that may begin now.
  mutating func admit(_ key: Key, at now: Duration) -> CurlTransfer? {
    guard hasRoom(key, at: now) else { return nil }
    if let transfer = origins[key]?.takeWaiting() {
      origins[key]!.connecting += 1
      return transfer
    }
    return nil
  }

  /// All that wait for the name to be looked up, in the order in which they came; they have left the gate.
  mutating func takeWaiting(forLookupOf key: Key, at now: Duration) -> [CurlTransfer] {
    guard !isKnown(key, at: now) else { return [] }
    var taken: [CurlTransfer] = []
    while let transfer = origins[key]?.takeWaiting() { taken.append(transfer) }
    return taken
  }

  /// How many origins are remembered.
  var count: Int { origins.count }

  /// Forgets the origins that nobody is on the way to and whose names libcurl has forgotten, too.
  private mutating func prune(at now: Duration) {
    for (key, origin) in origins where origin.connecting == 0 && origin.waiting.isEmpty && !isKnown(key, at: now) {
      origins[key] = nil
    }
    // Not again before there are twice as many: the cost of each origin stays the same.
    pruningCount = max(64, 2 * origins.count)
  }

  private func hasRoom(_ key: Key, at now: Duration) -> Bool {
    origins[key].map { $0.connecting < (isKnown(key, at: now) ? width : 1) } ?? true
  }

  private func isKnown(_ key: Key, at now: Duration) -> Bool {
    origins[key]?.knownSince.map { now - $0 < memory } ?? false
  }
}
