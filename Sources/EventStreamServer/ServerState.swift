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

  /// For the connections that come from now on; nil without TLS.
  let tls: Locked<HTTPServer.TLS?>

  /// As the configuration has them, in nanoseconds: a Duration is divided each time that it is asked for them.
  let requestDeadline: UInt64
  let responseDeadline: UInt64

  /// How many there are; a set of them fits into a word.
  let shards: Int
  /// Connections that are served.
  let maxConnections: Int
  /// Those and some more, which are held only as long as it takes to say 503. What comes beyond waits in the system.
  let places: Int
  /// All that are open.
  let connections = Atomic<Int>(0)
  /// There are more than are served.
  var isCrowded: Bool { connections.load(ordering: .relaxed) >= maxConnections }
  private let admitted = Atomic<Int>(0)
  /// Of each client, where that is limited.
  private let admittedOf = Locked<[ClientBlock: Int]>([:])

  init(_ configuration: HTTPServer.Configuration) {
    self.configuration = configuration
    tls = Locked(configuration.tls)
    requestDeadline = configuration.requestDeadline.nanoseconds
    responseDeadline = configuration.responseDeadline.nanoseconds
    let descriptors = Self.descriptors()
    // Not for connections, and half of them for those that are to be refused.
    let reserve = max(128, descriptors / 32)
    maxConnections = min(configuration.maxConnections, max(16, descriptors - reserve))
    places = maxConnections + min(max(64, maxConnections / 8), reserve / 2)
    shards = min(max(configuration.shards ?? Processors.available, 1), 64)
  }

  enum Admission {
    case granted
    /// The server has no more places.
    case full
    /// The client has as many as it may.
    case tooManyOfClient
  }

  /// Takes one of the places for connections that are served, if there is one.
  ///
  /// - Parameter client: to count by; nobody if clients are not limited.
  func admit(_ client: ClientBlock) -> Admission {
    guard admitted.wrappingAdd(1, ordering: .relaxed).newValue <= maxConnections else {
      admitted.wrappingSubtract(1, ordering: .relaxed)
      return .full
    }
    guard client != .nobody, let limit = configuration.maxConnectionsPerAddress else { return .granted }
    let isWithin = admittedOf.withLock { counts in
      guard counts[client, default: 0] < limit else { return false }
      counts[client, default: 0] += 1
      return true
    }
    if isWithin { return .granted }
    admitted.wrappingSubtract(1, ordering: .relaxed)
    return .tooManyOfClient
  }

  /// Gives the place back.
  func release(_ client: ClientBlock) {
    admitted.wrappingSubtract(1, ordering: .relaxed)
    guard client != .nobody else { return }
    admittedOf.withLock { counts in
      let left = counts[client, default: 1] - 1
      counts[client] = left > 0 ? left : nil
    }
  }

  /// How many the process may have.
  private static func descriptors() -> Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(clamping: min(limit.rlim_cur, 1 << 24))
  }
}
