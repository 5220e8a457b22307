internal import Glibc

/// Where requests of one kind go: an address, and the request's text with its templates.
struct LoadTarget {
  private let address: [UInt8]
  /// On this machine, over IPv4: each 127.0.0.x has ports of its own.
  let isLoopback: Bool
  let authority: String
  private let path: Template

  /// Resolves the host, and has the first of its addresses that answers. Blocks while a name server is asked, and while
  /// one of several addresses does not answer.
  init(_ url: String) throws(LoadError) {
    let scheme = "http://"
    guard url.hasPrefix(scheme) else {
      throw LoadError(
        "\"\(url)\" is not an http:// URL; a load over TLS would measure the client's cryptography", isWrongPlan: true)
    }
    let rest = url.dropFirst(scheme.count)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    authority = String(rest[..<end])
    let target = String(rest[end...])
    path = Template(target.hasPrefix("/") ? target : "/" + target)
    let (host, port) = Self.split(authority)
    address = Self.firstToAnswer(try Self.addresses(of: host, port))
    isLoopback = address.withUnsafeBytes {
      let address = $0.assumingMemoryBound(to: sockaddr_in.self).baseAddress!.pointee
      return Int32(address.sin_family) == AF_INET && UInt32(bigEndian: address.sin_addr.s_addr) >> 24 == 127
    }
  }

  private static func split(_ authority: String) -> (host: String, port: String) {
    let colon = authority.lastIndex(of: ":")
    let bracket = authority.lastIndex(of: "]")
    if let colon, bracket.map({ $0 < colon }) ?? true {
      return (strip(authority[..<colon]), String(authority[authority.index(after: colon)...]))
    }
    return (strip(authority[...]), "80")
  }

  private static func strip(_ host: Substring) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
  }

  /// At least one.
  static func addresses(of host: String, _ port: String) throws(LoadError) -> [[UInt8]] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port, &hints, &list)
    guard code == 0, let list else {
      throw LoadError("cannot resolve \(host):\(port): \(String(cString: gai_strerror(code)))")
    }
    defer { freeaddrinfo(list) }
    return sequence(first: list, next: \.pointee.ai_next).map {
      Array(UnsafeRawBufferPointer(start: $0.pointee.ai_addr, count: Int($0.pointee.ai_addrlen)))
    }
  }

  /// The last one is not asked: what there is to say of it, its connections say.
  static func firstToAnswer(_ addresses: [[UInt8]]) -> [UInt8] {
    addresses.dropLast().first(where: answers) ?? addresses[addresses.count - 1]
  }

  private static func answers(_ address: [UInt8]) -> Bool {
    let descriptor = socket(family(of: address), Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // Of connect(2), too (socket(7)).
    var patience = timeval(tv_sec: 3, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    return connect(descriptor, to: address) == 0
  }

  private static func family(of address: [UInt8]) -> Int32 {
    address.withUnsafeBytes { Int32($0.load(as: sockaddr.self).sa_family) }
  }

  private static func connect(_ descriptor: Int32, to address: [UInt8]) -> Int32 {
    address.withUnsafeBytes {
      Glibc.connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress!, socklen_t($0.count))
    }
  }

  func request(_ method: String, topic: Int, fields: [HeaderField], body: String? = nil) -> [UInt8] {
    var text = "\(method) \(path.text(topic: topic)) HTTP/1.1\r\nHost: \(authority)\r\n"
    for field in fields { text += "\(field.name): \(field.value)\r\n" }
    if let body { text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)" } else { text += "\r\n" }
    return Array(text.utf8)
  }

  /// Begins to connect, without waiting.
  ///
  /// - Parameters:
  ///   - source: which of the loopback addresses it comes from.
  ///   - receiveBuffer: bytes that the system may hold for it; nil for the system's choice.
  /// - Returns: the socket, or the error's number.
  func connect(source: Int, receiveBuffer: Int32? = nil) -> Result<Int32, SystemError> {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(Self.family(of: address), type, 0)
    guard descriptor >= 0 else { return .failure(SystemError(errno)) }
    func set(_ level: Int32, _ name: Int32, _ value: Int32) {
      var value = value
      setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
    set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    if let receiveBuffer { set(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
    if isLoopback {
      // The port is chosen at connect, where it has to be free for this destination only.
      set(Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
      var local = sockaddr_in()
      local.sin_family = sa_family_t(AF_INET)
      local.sin_addr.s_addr = (0x7F00_0001 + UInt32(source)).bigEndian
      _ = withUnsafePointer(to: &local) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    guard Self.connect(descriptor, to: address) == 0 || errno == EINPROGRESS else {
      let error = SystemError(errno)
      close(descriptor)
      return .failure(error)
    }
    return .success(descriptor)
  }
}

struct SystemError: Error {
  let number: Int32
  init(_ number: Int32) { self.number = number }
}
