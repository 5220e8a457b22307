internal import Glibc
internal import IOQueue
internal import Synchronization

/// What the shards of a server have in common.
///
/// Any thread.
final class ServerState: Sendable {
  let configuration: HTTPServer.Configuration
  /// `stop` was called.
  let draining = Atomic<Bool>(false)
  /// Of the bodies of all requests that are being read.
  let bodyBytes = Atomic<Int>(0)

  /// How many there are; a set of them fits into a word.
  let shards: Int
  /// Connections that are served; those beyond are held only as long as it takes to say 503.
  let maxConnections: Int
  private let admitted = Atomic<Int>(0)

  init(_ configuration: HTTPServer.Configuration) {
    self.configuration = configuration
    maxConnections = min(configuration.maxConnections, Self.connectionsByDescriptors())
    shards = min(max(configuration.shards ?? Processors.available, 1), 64)
  }

  /// Takes one of the places for connections that are served, if there is one.
  func admit() -> Bool {
    if admitted.wrappingAdd(1, ordering: .relaxed).newValue <= maxConnections { return true }
    release()
    return false
  }

  func release() { admitted.wrappingSubtract(1, ordering: .relaxed) }

  /// Connections that fit into the process's descriptors, with some left over for everything else.
  private static func connectionsByDescriptors() -> Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let descriptors = Int(clamping: min(limit.rlim_cur, 1 << 24))
    return max(16, descriptors - max(128, descriptors / 4))
  }
}
