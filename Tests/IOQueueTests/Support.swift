import Glibc

@testable import IOQueue

/// What a queue's closures share.
// Sendable: touched on one queue alone.
final class Retained<Value>: @unchecked Sendable {
  var value: Value?
  init(_ value: Value? = nil) { self.value = value }
}

final class Handler: IOHandler {
  private let action: (Int32, IOEvents) -> Void
  init(_ action: @escaping (Int32, IOEvents) -> Void) { self.action = action }
  func ready(_ descriptor: Int32, _ events: IOEvents) { action(descriptor, events) }
}

struct SocketPair {
  let a: Int32
  let b: Int32

  init() throws {
    var pair: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else { throw IOError(errno, doing: "pair") }
    (a, b) = (pair[0], pair[1])
  }

  func write(to end: Int32) { _ = Glibc.write(end, "x", 1) }

  func close() {
    Glibc.close(a)
    Glibc.close(b)
  }
}
