// MSG_DONTWAIT comes by this module.
internal import CMicrohttpd
internal import Glibc
internal import IOQueue

/// A connection that has got its last answer while its client may still be sending.
///
/// "If a server performs an immediate close of a TCP connection, there is a significant risk that the client will not be
/// able to read the last HTTP response": so it closes its half, and reads on for a while (RFC 9112, 9.6).
///
/// Lives on its shard's queue.
final class LingeringConnection: OpenConnection, IOHandler {
  private unowned let shard: Shard
  private let descriptor: Int32
  private let deadline: UInt64
  var place = 0
  var isAlone: Bool { false }

  private static let time: Duration = .seconds(2)

  /// Takes the descriptor over, if it is one. The shard keeps the connection, if it has to.
  static func linger(_ descriptor: Int32, of shard: Shard) {
    guard descriptor >= 0 else { return }
    shutdown(descriptor, Int32(SHUT_WR))
    let connection = LingeringConnection(descriptor, of: shard)
    guard !shard.isClosing, !connection.isReadToItsEnd() else {
      _ = Glibc.close(descriptor)
      return
    }
    shard.insert(connection)
    shard.deadlines.add(connection.deadline)
    shard.queue.watch(descriptor, for: [.readable, .peerClosed], connection)
  }

  private init(_ descriptor: Int32, of shard: Shard) {
    self.descriptor = descriptor
    self.shard = shard
    deadline = Monotonic.now &+ Self.time.nanoseconds
  }

  func ready(_ descriptor: Int32, _ events: IOEvents) {
    if isReadToItsEnd() { close() }
  }

  /// Throws away what has come, or some of it: others want their turn, too.
  private func isReadToItsEnd() -> Bool {
    for _ in 0..<16 {
      let count = recv(descriptor, shard.scratch.baseAddress, shard.scratch.count, Int32(MSG_DONTWAIT))
      if count <= 0 { return count == 0 || errno != EAGAIN && errno != EINTR }
    }
    return false
  }

  private func close() {
    shard.queue.unwatch(descriptor)
    Glibc.close(descriptor)
    shard.remove(self)
  }

  // MARK: An open connection

  var isStreaming: Bool { false }
  func beat(_ number: Int) {}
  func drain() { close() }
  func drain(comingBackAfter delay: Duration) {}
  func end(ofOneOf owners: Set<ObjectIdentifier>) {}
  func cut() { close() }

  func checkDeadline(at time: UInt64) -> UInt64? {
    guard deadline <= time else { return deadline }
    close()
    return nil
  }
}
