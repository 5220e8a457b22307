internal import CMicrohttpd
internal import Glibc
internal import IOQueue

/// The listening socket. Our own and not libmicrohttpd's, which takes an address without its length, binds no host
/// name, and says no more of a failure than that there was one.
struct Listener {
  let descriptor: Int32
  /// With the port that the system chose, if that was asked for.
  let address: SocketAddress

  /// Connections that the system may hold until they are accepted.
  private static let backlog: Int32 = 4096

  /// Resolves the host, which may block while a name server is asked, and listens there. Of a name's addresses the
  /// IPv4 ones are tried first: whoever listens on `localhost` is looked for on 127.0.0.1.
  init(_ configuration: HTTPServer.Configuration) throws(ServerError) {
    let host = configuration.host.withoutBrackets
    let asked = SocketAddress(host: host, port: configuration.port)
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(configuration.port), &hints, &list)
    guard code == 0, let list else {
      throw .unusableHost(configuration.host, reason: String(cString: gai_strerror(code)))
    }
    defer { freeaddrinfo(list) }

    var failure = ENXIO
    let addresses = sequence(first: list, next: \.pointee.ai_next).map { $0 }
    for family in [AF_INET, AF_INET6] {
      for info in addresses where info.pointee.ai_family == family {
        if let descriptor = Self.listen(on: info.pointee.ai_addr, info.pointee.ai_addrlen, configuration) {
          self.descriptor = descriptor
          address = Self.localAddress(of: descriptor)
          return
        }
        failure = errno
      }
    }
    switch failure {
    case EADDRINUSE: throw .addressInUse(asked)
    case EACCES: throw .notPermitted(asked)
    case EADDRNOTAVAIL, EAFNOSUPPORT, ENXIO:
      throw .unusableHost(configuration.host, reason: String(cString: strerror(failure)))
    default: throw .cannotStart(reason: String(cString: strerror(failure)))
    }
  }

  /// Listeners on one address, over which the system spreads connections.
  static func group(of count: Int, _ configuration: HTTPServer.Configuration) throws(ServerError) -> [Listener] {
    if let passed = configuration.listeningDescriptor {
      return try passedGroup(of: count, passed, configuration)
    }
    // The first one is bound without SO_REUSEPORT: with it a second server would come in unnoticed.
    var listeners = [try Listener(configuration)]
    guard count > 1 else { return listeners }
    setOption(listeners[0].descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
    while listeners.count < count {
      guard let listener = Listener(beside: listeners[0], configuration) else {
        let reason = String(cString: strerror(errno))
        for listener in listeners { listener.close() }
        throw .cannotStart(reason: reason)
      }
      listeners.append(listener)
    }
    return listeners
  }

  init(descriptor: Int32, address: SocketAddress) {
    self.descriptor = descriptor
    self.address = address
  }

  private init?(beside first: Listener, _ configuration: HTTPServer.Configuration) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout.size(ofValue: storage))
    let descriptor = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        getsockname(first.descriptor, address, &length)
        return Self.listen(on: address, length, isShared: true, configuration)
      }
    }
    guard let descriptor else { return nil }
    self.descriptor = descriptor
    address = first.address
  }

  func close() {
    Glibc.close(descriptor)
  }

  /// Nil, with errno, if that fails.
  private static func listen(
    on address: UnsafePointer<sockaddr>, _ length: socklen_t, isShared: Bool = false,
    _ configuration: HTTPServer.Configuration
  ) -> Int32? {
    let family = Int32(address.pointee.sa_family)
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { return nil }
    // Without it a restart would wait for the old connections' TIME_WAIT. A port that someone listens on stays refused.
    setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
    if isShared { setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
    if family == AF_INET6 {
      // [::] means every address, IPv4's too, whatever the system's default is.
      setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
    }
    inheritedOptions(descriptor, configuration)
    guard bind(descriptor, address, length) == 0, Glibc.listen(descriptor, backlog) == 0 else {
      let failure = errno
      Glibc.close(descriptor)
      errno = failure
      return nil
    }
    return descriptor
  }

  /// What every accepted socket inherits, which saves each the system calls.
  static func inheritedOptions(_ descriptor: Int32, _ configuration: HTTPServer.Configuration) {
    // A client that vanished without a word is noticed: when something was sent, by this time without acknowledgement;
    // when nothing is, by keepalive.
    let milliseconds = Int32(clamping: configuration.userTimeout.nanoseconds / 1_000_000)
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, milliseconds)
    setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
    // An event would otherwise wait until the client has acknowledged the one before it, which takes a round trip and, as
    // clients delay acknowledgements, up to 40 ms more (RFC 9293, 3.7.4). libmicrohttpd does it for what it sends itself.
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    // The system would let the backlog of a client that does not read grow to 4 MB of events that are no news any more.
    setOption(descriptor, SOL_SOCKET, SO_SNDBUF, Int32(clamping: configuration.sendBuffer))
  }

  static func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout.size(ofValue: value)))
  }

  static func localAddress(of descriptor: Int32) -> SocketAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout.size(ofValue: storage))
    return withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        getsockname(descriptor, address, &length)
        return SocketAddress(address)
      }
    }
  }
}

extension String {
  /// `[::1]` as people write it in URLs is `::1` to the resolver.
  fileprivate var withoutBrackets: String {
    hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
  }
}
