import Foundation
import Glibc

/// A system call that failed, or a peer that went away: the sentence says which.
package struct SocketError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }

  /// `what` failed just now on this thread; `errno` says why.
  init(failed what: String) { self.init("\(what): \(String(cString: strerror(errno)))") }
}

/// The two addresses by which this machine reaches itself.
package enum Loopback: Sendable {
  case v4
  case v6

  /// As it stands in a URL.
  package var urlHost: String { self == .v4 ? "127.0.0.1" : "[::1]" }

  private var family: Int32 { self == .v4 ? AF_INET : AF_INET6 }

  /// A socket that no child process inherits: an inherited listener would keep a closed port open.
  private func makeSocket() throws -> Int32 {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SocketError(failed: "socket") }
    return descriptor
  }

  private func withAddress<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    func call<Address>(_ address: Address) -> Result {
      withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
      }
    }
    switch self {
    case .v4:
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      return call(address)
    case .v6:
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = in6addr_loopback
      return call(address)
    }
  }

  /// A listening socket; port 0 takes a free one. A port that closed just now can be taken again.
  func listen(port: UInt16) throws -> Int32 {
    let descriptor = try reserve(port: port)
    guard Glibc.listen(descriptor, SOMAXCONN) == 0 else {
      let error = SocketError(failed: "listen on port \(port)")
      Glibc.close(descriptor)
      throw error
    }
    return descriptor
  }

  /// A socket on a port: as long as nobody listens there connects are refused, and the system gives the port to no one
  /// who asks for any.
  func reserve(port: UInt16) throws -> Int32 {
    let descriptor = try makeSocket()
    setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, Int32(1))
    guard withAddress(port, { bind(descriptor, $0, $1) }) == 0 else {
      let error = SocketError(failed: "bind to port \(port)")
      Glibc.close(descriptor)
      throw error
    }
    return descriptor
  }

  /// A listening socket on 127.0.0.1, for someone else to accept from, and its port. The caller closes it.
  package static func listener() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = try Loopback.v4.listen(port: 0)
    return (descriptor, localPort(descriptor))
  }

  /// A connected socket. Blocks its thread, on loopback only while the listener's backlog is full.
  func connect(port: UInt16, from source: String? = nil, receiveBuffer: Int32?) throws -> Int32 {
    let descriptor = try makeSocket()
    if let source {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      inet_pton(AF_INET, source, &address.sin_addr)
      let size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let code = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, size) }
      }
      guard code == 0 else { throw SocketError(failed: "bind to \(source)") }
    }
    // Before connect: the window is agreed upon in the handshake.
    if let receiveBuffer { setOption(descriptor, SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
    guard withAddress(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
      let error = SocketError(failed: "connect to port \(port)")
      Glibc.close(descriptor)
      throw error
    }
    return descriptor
  }
}

func setOption<Value>(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Value) {
  withUnsafePointer(to: value) { pointer in
    _ = setsockopt(descriptor, level, name, pointer, socklen_t(MemoryLayout<Value>.size))
  }
}

/// The port of this end of the socket.
func localPort(_ descriptor: Int32) -> UInt16 {
  var address = sockaddr_in6()  // the port stands at the same place for IPv4
  var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
  _ = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
  }
  return UInt16(bigEndian: address.sin6_port)
}

/// Runs `body` on a thread of its own, where it may block.
func detachThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
  let thread = Thread(block: body)
  thread.name = name
  thread.start()
}
