// SOCK_STREAM comes by this module.
internal import CMicrohttpd
internal import Glibc

/// A listening socket that the process was started with.
extension Listener {
  /// Duplicates of one socket: all of them wake for a connection, and one gets it.
  ///
  /// SO_REUSEPORT would spread connections evenly, but a socket that someone else has bound takes no other beside it
  /// unless both belong to one user, and a service manager's is root's.
  static func passedGroup(
    of count: Int, _ passed: Int32, _ configuration: HTTPServer.Configuration
  ) throws(ServerError) -> [Listener] {
    guard option(SO_ACCEPTCONN, of: passed) == 1, option(SO_TYPE, of: passed) == Int32(SOCK_STREAM.rawValue) else {
      throw .cannotStart(reason: "descriptor \(passed), which is to be listened on, is no listening stream socket")
    }
    // Without it, whoever comes second to a connection would wait for the next one.
    _ = fcntl(passed, F_SETFL, fcntl(passed, F_GETFL) | O_NONBLOCK)
    _ = fcntl(passed, F_SETFD, FD_CLOEXEC)
    inheritedOptions(passed, configuration)
    let address = localAddress(of: passed)
    var listeners: [Listener] = []
    while listeners.count < count {
      let duplicate = fcntl(passed, F_DUPFD_CLOEXEC, 0)
      guard duplicate >= 0 else {
        let reason = String(cString: strerror(errno))
        for listener in listeners { listener.close() }
        throw .cannotStart(reason: reason)
      }
      listeners.append(Listener(descriptor: duplicate, address: address))
    }
    return listeners
  }

  /// Nil if it is not a socket.
  private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout.size(ofValue: value))
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
  }
}
