import Glibc

/// This process's open descriptors.
enum Descriptors {
  /// Epoll sets and timers: each server has two of the one and one of the other.
  static func waiting() -> Int {
    var count = 0
    forEach { _, name in if name.hasPrefix("anon_inode:") { count += 1 } }
    return count
  }

  /// Sockets with one of these local ports: listeners and the server's ends of connections.
  static func sockets(of ports: Set<UInt16>) -> Int {
    var count = 0
    forEach { descriptor, name in
      if name.hasPrefix("socket:"), let port = port(descriptor, getsockname), ports.contains(port) { count += 1 }
    }
    return count
  }

  /// The server's end of a connection of this process with itself. (By both ports: connections to different servers may
  /// share the client's.)
  static func end(of server: UInt16, connectedTo port: UInt16) -> Int32? {
    var end: Int32?
    forEach { descriptor, name in
      guard name.hasPrefix("socket:"), self.port(descriptor, getsockname) == server else { return }
      if self.port(descriptor, getpeername) == port { end = descriptor }
    }
    return end
  }

  private static func port(
    _ descriptor: Int32, _ name: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> UInt16? {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isNamed = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { name(descriptor, $0, &length) == 0 }
    }
    return isNamed ? UInt16(bigEndian: address.sin_port) : nil
  }

  private static func forEach(_ body: (Int32, String) -> Void) {
    guard let directory = opendir("/proc/self/fd") else { return }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      // In place: the record ends with its name, and a copy of the whole field would read past it.
      let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
      guard let descriptor = Int32(name) else { continue }
      var target = [UInt8](repeating: 0, count: 64)
      let length = target.withUnsafeMutableBytes {
        readlink("/proc/self/fd/\(name)", $0.bindMemory(to: CChar.self).baseAddress!, $0.count)
      }
      if length > 0 { body(descriptor, String(decoding: target[..<length], as: UTF8.self)) }
    }
  }
}
