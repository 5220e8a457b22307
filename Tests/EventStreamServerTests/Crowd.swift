import Dispatch
import Glibc
import Synchronization
import TestSupport

/// Many subscribers without a thread each: one thread reads what comes, and throws it away.
final class Crowd: Sendable {
  private let sockets: [Int32]
  private let isOver = Atomic<Bool>(false)
  private let reader = DispatchGroup()

  /// Opens `count` streams, the first `stalled` of which are never read. Blocks while it connects.
  init(of count: Int, stalled: Int, port: UInt16) throws {
    let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    sockets = try (0..<count).map { _ in
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      var small: Int32 = 4096
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &small, socklen_t(MemoryLayout<Int32>.size))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      let isConnected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard isConnected == 0 else { throw SocketError("connect: \(String(cString: strerror(errno)))") }
      _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
      return descriptor
    }
    let thread = DispatchQueue(label: "crowd")
    thread.async(group: reader) { [self] in read(sockets.dropFirst(stalled)) }
  }

  private func read(_ sockets: ArraySlice<Int32>) {
    var set = sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !isOver.load(ordering: .relaxed) {
      poll(&set, nfds_t(set.count), 10)
      for index in set.indices where set[index].revents != 0 {
        if recv(set[index].fd, &buffer, buffer.count, Int32(MSG_DONTWAIT)) <= 0 { set[index].fd = -1 }
      }
    }
  }

  func close() {
    isOver.store(true, ordering: .relaxed)
    reader.notify(queue: .global()) { [sockets] in for socket in sockets { Glibc.close(socket) } }
  }
}
