import Foundation
import Glibc

/// The socket of a service manager: what processes tell it comes out in order.
package final class NotifySocket: Sendable {
  /// For NOTIFY_SOCKET.
  package let name: String
  private let descriptor: Int32

  /// - Parameter isAbstract: in the namespace that is no file system's (unix(7)).
  package init(isAbstract: Bool) throws {
    let name = "notify-\(UUID().uuidString.prefix(8))"
    let path = isAbstract ? "@\(name)" : FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    self.name = path
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.utf8)
    if isAbstract { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + bytes.count)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    guard bound == 0 else { throw SocketError(failed: "bind \(path)") }
  }

  deinit {
    close(descriptor)
    if name.hasPrefix("/") { unlink(name) }
  }

  /// The next one; nil after the time that any wait lasts.
  package func receive() -> String? {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, Int32(safetyLimit.components.seconds * 1000)) == 1 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }
}
