import Glibc

/// A TCP server of the test's own, to which a client under test connects; the test plays the server's part line by line.
///
///     let peer = try ScriptedPeer()
///     let updates = client.monitor()                          // of peer.url("/status")
///     let connection = try await peer.nextConnection()
///     let request = try await connection.request()
///     #expect(request["Accept"] == "text/event-stream")
///     try await connection.respondEventStream()
///     try await connection.sendChunk("data: {}\n\n")
///     connection.reset()
///
/// Any thread and any task may call any member. It listens until `close`, also when nobody holds it.
package final class ScriptedPeer: Sendable {
  package let port: UInt16
  package let host: Loopback

  private struct Accepted: Sendable, CustomStringConvertible {
    var all: [PeerConnection] = []
    var handedOut = 0
    var description: String { "\(all.count) connections, \(handedOut) of them taken" }
  }
  private let accepted = Watched(Accepted())
  private let recorded = Recorder<RecordedRequest>()
  /// The listening socket while it listens.
  private let listener: Locked<Int32?>
  /// Keeps the port from others after that.
  private let reservation = Locked<Int32?>(nil)

  /// Listens on loopback. `port` 0 takes a free one; another takes just that, also right after a peer on it closed.
  ///
  /// - Parameter reading: whether connections read at once what comes, or not before they are told to.
  package init(port: UInt16 = 0, host: Loopback = .v4, reading: Bool = true) throws {
    let descriptor = try host.listen(port: port)
    self.port = localPort(descriptor)
    self.host = host
    listener = Locked(descriptor)
    detachThread("peer") { self.acceptAll(descriptor, reading: reading) }
  }

  package func url(_ path: String = "/") -> String { "http://\(host.urlHost):\(port)\(path)" }

  /// The oldest connection that no call has returned yet.
  package func nextConnection(within limit: Duration = safetyLimit) async throws -> PeerConnection {
    try await accepted.wait(for: "a connection", within: limit) { accepted in
      guard accepted.handedOut < accepted.all.count else { return nil }
      defer { accepted.handedOut += 1 }
      return accepted.all[accepted.handedOut]
    }
  }

  /// Connections accepted so far, taken by `nextConnection` or not.
  package var connectionCount: Int { accepted.value.all.count }

  /// Returns once `count` connections have been accepted.
  package func wait(connectionCount count: Int, within limit: Duration = safetyLimit) async throws {
    try await accepted.wait(for: "\(count) connections", within: limit) { $0.all.count >= count ? () : nil }
  }

  /// All requests that scripts have read by `request()`, over all connections.
  package var requests: [RecordedRequest] { recorded.all }

  /// Stops listening: once it returns, connects are refused, as long as somebody holds this. Open connections stay open.
  package func close() {
    let descriptor = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    // Refuses at once, and makes `accept` return; its thread then closes the descriptor.
    guard let descriptor else { return }
    shutdown(descriptor, Int32(SHUT_RDWR))
    let reserved = try? host.reserve(port: port)
    reservation.withLock { $0 = reserved }
  }

  deinit {
    if let reserved = reservation.withLock({ $0 }) { Glibc.close(reserved) }
  }

  /// Stops listening and closes all connections.
  package func closeAll() {
    close()
    for connection in accepted.value.all { connection.close() }
  }

  /// The listening thread's life.
  private func acceptAll(_ descriptor: Int32, reading: Bool) {
    while true {
      let connection = accept(descriptor, nil, nil)
      if connection >= 0 {
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        let connection = PeerConnection(connection, recordingIn: recorded, reading: reading)
        accepted.update { $0.all.append(connection) }
      } else if errno != EINTR && errno != ECONNABORTED {
        break
      }
    }
    Glibc.close(descriptor)
  }
}
