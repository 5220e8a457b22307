internal import Glibc

/// How a subscriber came to its end.
package enum LoadFailure: Sendable, Hashable, CustomStringConvertible {
  /// The connection was not taken.
  case refused
  /// There is no way to the server, or none that is allowed.
  case unreachable
  /// An answer other than 200.
  case status(Int)
  /// A 200 that is not an event stream.
  case notAnEventStream
  /// Not HTTP, or not an event stream's framing.
  case malformed
  /// No response in time.
  case timedOut
  /// The connection broke.
  case reset
  /// The connection ended in the middle of a response.
  case endedEarly
  /// This machine has no descriptors, ports or memory left for it.
  case exhausted

  package var description: String {
    switch self {
    case .refused: "connection refused"
    case .unreachable: "server unreachable"
    case .status(let status): "status \(status)"
    case .notAnEventStream: "not an event stream"
    case .malformed: "malformed response"
    case .timedOut: "no response in time"
    case .reset: "connection reset"
    case .endedEarly: "ended early"
    case .exhausted: "no descriptors or ports left here"
    }
  }

  init(_ error: SystemError) {
    self =
      switch error.number {
      case EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EAGAIN: .exhausted
      case ENETUNREACH, ENETDOWN, EHOSTUNREACH, EHOSTDOWN, EACCES, EPERM: .unreachable
      case ETIMEDOUT: .timedOut
      case ECONNRESET, EPIPE: .reset
      default: .refused
      }
  }
}
