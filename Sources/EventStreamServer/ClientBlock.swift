internal import CMicrohttpd
internal import Glibc

/// The addresses that count as one client's: an IPv4 address, or the 64 bits of an IPv6 address that networks give out.
struct ClientBlock: Hashable, Sendable {
  private let number: UInt64

  /// Whom nobody counts. (An optional would take the memory of a second number, for each stream.)
  static let nobody = ClientBlock(number: UInt64(0xFF).littleEndian)

  private init(number: UInt64) { self.number = number }

  /// Nobody, for an address that is not of the internet.
  init(_ address: UnsafePointer<sockaddr>) {
    let host = UnsafeRawPointer(address)
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      number = Self.number(ofIPv4: host.load(as: sockaddr_in.self).sin_addr.s_addr)
    case AF_INET6:
      let bytes = withUnsafeBytes(of: host.load(as: sockaddr_in6.self).sin6_addr) { Array($0) }
      // A socket bound to [::] sees IPv4 clients as ::ffff:192.0.2.1.
      let isIPv4 = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
      number = bytes.withUnsafeBytes { bytes in
        isIPv4
          ? Self.number(ofIPv4: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)) : bytes.load(as: UInt64.self)
      }
    default: self = .nobody
    }
  }

  /// Among those that no network of IPv6 has, as is nobody's: multicast begins with FF.
  private static func number(ofIPv4 address: UInt32) -> UInt64 {
    UInt64(UInt32.max).littleEndian | UInt64(address) << 32
  }
}
