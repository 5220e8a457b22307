internal import CMicrohttpd
internal import Glibc

/// An internet address in numbers and a port: `127.0.0.1:8000`, `[::1]:8000`.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// Without the brackets that an IPv6 address has in a URL.
  public let host: String
  /// 0 if it is no address of the internet.
  public let port: Int

  /// An address as it is given: nothing is looked up.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Whether it is an address that only this machine has: `127.0.0.0/8`, `::1`.
  public var isLoopback: Bool {
    if host == "127.0.0.1" || host == "::1" { return true }
    // Not a name that begins like one.
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  /// As in a URL: `127.0.0.1:8000`, `[::1]:8000`.
  public var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// An address that is not of the internet has no host and port 0.
  init(_ address: UnsafePointer<sockaddr>) {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      self = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
        SocketAddress(host: Self.dotted(address.pointee.sin_addr.s_addr), port: address.pointee.sin_port)
      }
    case AF_INET6:
      self = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
        let host = Self.text(AF_INET6, of: address.pointee.sin6_addr)
        // A socket bound to [::] sees IPv4 clients as ::ffff:192.0.2.1.
        let mapped = "::ffff:"
        let isIPv4 = host.hasPrefix(mapped) && host.utf8.contains(UInt8(ascii: "."))
        return SocketAddress(
          host: isIPv4 ? String(host.dropFirst(mapped.count)) : host, port: address.pointee.sin6_port)
      }
    default:
      self.init(host: "", port: 0)
    }
  }

  private init(host: String, port: in_port_t) {
    self.init(host: host, port: Int(UInt16(bigEndian: port)))
  }

  /// What inet_ntop(3) says, in a tenth of its time: this one is for every request.
  private static func dotted(_ address: in_addr_t) -> String {
    withUnsafeBytes(of: address) { bytes in
      String(unsafeUninitializedCapacity: 15) { text in
        var count = 0
        func put(_ byte: UInt8) {
          text[count] = byte
          count += 1
        }
        for (index, byte) in bytes.enumerated() {
          if index > 0 { put(UInt8(ascii: ".")) }
          if byte >= 100 { put(UInt8(ascii: "0") + byte / 100) }
          if byte >= 10 { put(UInt8(ascii: "0") + byte / 10 % 10) }
          put(UInt8(ascii: "0") + byte % 10)
        }
        return count
      }
    }
  }

  private static func text<Address>(_ family: Int32, of address: Address) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      _ = withUnsafePointer(to: address) { inet_ntop(family, $0, buffer.baseAddress, socklen_t(buffer.count)) }
      return String(cString: buffer.baseAddress!)
    }
  }
}
