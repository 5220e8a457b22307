/// Why a server did not start. Its description is one sentence that says what to do.
public enum ServerError: Error, Hashable, CustomStringConvertible {
  /// Another process listens there.
  case addressInUse(SocketAddress)
  /// The system reserves the port for privileged processes.
  case notPermitted(SocketAddress)
  /// The host name cannot be resolved, or is not one of this machine.
  case unusableHost(String, reason: String)
  /// Memory or descriptors ran out, in the words of the system.
  case cannotStart(reason: String)
  /// The certificate or its key is not what it has to be.
  case unusableCertificate(reason: String)
  /// `stop` came first: a server runs once.
  case stopped

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .addressInUse(let address):
      "port \(address.port) on \(address.host) is in use: stop the server that listens there, or choose another port"
    case .notPermitted(let address):
      "no permission to listen on port \(address.port) of \(address.host): choose a port from 1024 up"
    case .unusableHost(let host, let reason):
      "cannot listen on host \"\(host)\" (\(reason)): give a name or an address of this machine"
    case .cannotStart(let reason):
      "the server cannot start: \(reason)"
    case .unusableCertificate(let reason):
      "the TLS certificate cannot be used: \(reason)"
    case .stopped:
      "the server was stopped, and a server runs once: make another one"
    }
  }
}
