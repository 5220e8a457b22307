internal import Glibc

/// The service manager that started this process, if one did: what it passed, and what it is told (sd_notify(3),
/// sd_listen_fds(3), sd_watchdog_enabled(3)). Its protocol is a few environment variables and datagrams, and needs no
/// library.
///
///     let manager = ServiceManager()
///     manager.notify("READY=1")
package struct ServiceManager: Sendable {
  /// The first of the descriptors that it passes, by convention.
  package static let firstDescriptor: Int32 = 3

  /// Sockets that listen already, in the order of its configuration.
  package let listeningDescriptors: [Int32]
  /// How often it wants to hear `WATCHDOG=1`: after so long without, it ends the process. Nil if it does not.
  package let watchdog: Duration?
  private let address: String?

  /// - Parameter environment: the value of a variable.
  package init(
    processID: Int32 = getpid(),
    environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) {
    func number<Number: FixedWidthInteger>(_ name: String) -> Number? { environment(name).flatMap { Number($0) } }
    // Of a parent's variables nothing is for us.
    let isForUs = number("LISTEN_PID") == processID
    let count = isForUs ? min(max(number("LISTEN_FDS") ?? 0, 0), 1024) : Int32(0)
    listeningDescriptors = (0..<count).map { Self.firstDescriptor + $0 }
    let watched: Int32? = number("WATCHDOG_PID")
    let microseconds: Int64 = watched ?? processID == processID ? number("WATCHDOG_USEC") ?? 0 : 0
    watchdog = microseconds > 0 ? .microseconds(microseconds) : nil
    address = environment("NOTIFY_SOCKET").flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether anybody listens to `notify`.
  package var isListening: Bool { address != nil }

  /// Tells it, for instance `READY=1`, each on a line of its own. Does not wait; returns whether it was sent.
  @discardableResult
  package func notify(_ state: String...) -> Bool {
    guard let address else { return false }
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var text = state.joined(separator: "\n")
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    let sent = Self.withAddress(address) { name, length in
      text.withUTF8 { sendto(descriptor, $0.baseAddress, $0.count, flags, name, length) == $0.count }
    }
    return sent ?? false
  }

  /// Nil if there is no such address. `@name` is one in the abstract namespace, which begins with a zero byte (unix(7)).
  private static func withAddress<Result>(
    _ text: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result? {
    var bytes = Array(text.utf8)
    var address = sockaddr_un()
    let isAbstract = bytes.first == UInt8(ascii: "@")
    guard isAbstract || bytes.first == UInt8(ascii: "/"),
      bytes.count < MemoryLayout.size(ofValue: address.sun_path)
    else { return nil }
    if isAbstract { bytes[0] = 0 }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    // A path ends with a zero byte; an abstract name is as long as the address says.
    let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + bytes.count + (isAbstract ? 0 : 1)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
    }
  }
}
