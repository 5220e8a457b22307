internal import CLinuxIO
internal import CMicrohttpd
internal import Glibc
internal import IOQueue
internal import Synchronization

/// Takes a shard's connections from its listener. When their first request head is there they become streams, or
/// libmicrohttpd's.
///
/// Lives on the shard's queue.
final class Acceptor: IOHandler {
  private unowned let shard: Shard
  private let handle: OpaquePointer
  private let listener: Listener
  private var isOpen = true
  /// Out of room, or of descriptors.
  private lazy var pause = IOTimer(on: shard.queue) { [unowned self] in resume() }

  private static let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
  /// Before others on the queue have their turn.
  static let batch = 256
  private static let pauseLength: Duration = .milliseconds(20)

  /// Takes the listener over.
  init(_ listener: Listener, for handle: OpaquePointer, of shard: Shard) {
    self.listener = listener
    self.handle = handle
    self.shard = shard
    shard.queue.watch(listener.descriptor, for: .readable, self)
  }

  func ready(_ descriptor: Int32, _ events: IOEvents) { accept() }

  /// All that have come, as far as there is room.
  func acceptAll() {
    while accept() {}
  }

  /// Some of those that have come.
  ///
  /// - Returns: whether there may be more that there is room for.
  @discardableResult
  private func accept() -> Bool {
    guard isOpen, !pause.isScheduled else { return false }
    let room = shard.server.places - shard.server.connections.load(ordering: .relaxed)
    var taken = 0
    for _ in 0..<max(0, min(room, Self.batch)) {
      var address = sockaddr_storage()
      var length = socklen_t(MemoryLayout.size(ofValue: address))
      let isTaken = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          let descriptor = sse_accept4(listener.descriptor, address, &length, Self.flags)
          if descriptor >= 0 { Arrival(descriptor, from: address, length, of: shard).begin() }
          return descriptor >= 0
        }
      }
      if isTaken {
        taken += 1
        continue
      }
      switch errno {
      case EAGAIN: return false
      // A client that has left already, or its network (accept(2)).
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        rest()
        return false
      default: continue
      }
    }
    if room < Self.batch { rest() }
    return taken > 0 && room >= Self.batch
  }

  /// The system would say again and again that somebody waits.
  private func rest() {
    shard.queue.unwatch(listener.descriptor)
    pause.schedule(after: Self.pauseLength)
  }

  private func resume() {
    shard.queue.watch(listener.descriptor, for: .readable, self)
    accept()
  }

  /// Gives a connection to libmicrohttpd, which finds its first request unread.
  ///
  /// - Parameters:
  ///   - answer: what its handler has said to that already.
  ///   - deadline: when that has to be there.
  func handOver(
    _ descriptor: Int32, from address: UnsafePointer<sockaddr>, _ length: socklen_t, answer: HTTPResponse?,
    deadline: UInt64
  ) {
    // libmicrohttpd tells of the connection before this returns.
    arrival = (answer, deadline)
    MHD_add_connection(handle, descriptor, address, length)
    arrival = nil
    shard.setNeedsPump()
  }

  /// Of the connection that is being handed over.
  private(set) var arrival: (answer: HTTPResponse?, deadline: UInt64)?

  /// No connection comes after it.
  func close() {
    guard isOpen else { return }
    isOpen = false
    pause.cancel()
    shard.queue.unwatch(listener.descriptor)
    listener.close()
  }
}
