internal import CLinuxIO
internal import Glibc

/// What a descriptor can be watched for, and what is then reported of it.
package struct IOEvents: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The standard library's own goes through tables of witnesses that it has to look up first, among all there are. What is
  /// needed often is better kept: this makes an array.
  package init(arrayLiteral events: IOEvents...) { rawValue = events.reduce(0) { $0 | $1.rawValue } }

  package static let readable = IOEvents(rawValue: EPOLLIN.rawValue)
  package static let writable = IOEvents(rawValue: EPOLLOUT.rawValue)
  /// The peer has closed its sending side.
  package static let peerClosed = IOEvents(rawValue: EPOLLRDHUP.rawValue)
  package static let hangUp = IOEvents(rawValue: EPOLLHUP.rawValue)
  package static let error = IOEvents(rawValue: EPOLLERR.rawValue)
  /// Report what comes, and not what is still there.
  package static let edge = IOEvents(rawValue: EPOLLET.rawValue)
  /// Report once, then stay silent until watched again.
  package static let once = IOEvents(rawValue: EPOLLONESHOT.rawValue)
}
