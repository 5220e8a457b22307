internal import Glibc
internal import IOQueue

/// A connection whose first request head is not there yet: it costs a descriptor and this.
///
/// The head is looked at as it lies in the system's buffer, byte for byte as it was sent, which libmicrohttpd shows
/// nobody: some of what is no HTTP it waits for, closes without an answer, or takes.
///
/// Lives on its shard's queue.
final class Arrival: OpenConnection, IOHandler {
  private unowned let shard: Shard
  private let descriptor: Int32
  private let client: ClientBlock
  private let admission: ServerState.Admission
  private let deadline: UInt64
  var place = 0

  init(_ descriptor: Int32, from address: UnsafePointer<sockaddr>, of shard: Shard) {
    self.descriptor = descriptor
    self.shard = shard
    client = shard.configuration.maxConnectionsPerAddress == nil ? .nobody : ClientBlock(address)
    admission = shard.server.admit(client)
    deadline = Monotonic.now &+ shard.configuration.requestDeadline.nanoseconds
  }

  /// Until its head is there, it leaves, or its time is up.
  func wait() {
    shard.insert(self)
    shard.deadlines.add()
    // With each piece that comes; what lies there unread is not reported again.
    shard.queue.watch(descriptor, for: [.readable, .peerClosed, .edge], self)
  }

  func ready(_ descriptor: Int32, _ events: IOEvents) {
    let look = Self.look(at: descriptor, of: shard)
    if look == .more {
      guard !events.isDisjoint(with: [.peerClosed, .hangUp, .error]) else { return }
      // No more will come.
      _ = Self.refuse(descriptor, of: shard, .malformed, RequestRules.unsound)
    }
    end(toBeServed: look == .head)
  }

  private func end(toBeServed: Bool = false) {
    shard.queue.unwatch(descriptor)
    shard.deadlines.remove()
    if admission == .granted { shard.server.release(client) }
    shard.acceptor?.left(descriptor, toBeServed: toBeServed)
    shard.remove(self)
  }

  // MARK: What has come

  enum Look {
    /// A head, or as much as need be looked at.
    case head
    case more
    /// It was answered, and is to be closed.
    case refused
    case gone
  }

  static func look(at descriptor: Int32, of shard: Shard) -> Look {
    let limit = shard.configuration.requestMemory / 2
    let room = min(shard.scratch.count, limit)
    let count = recv(descriptor, shard.scratch.baseAddress, room, Int32(MSG_PEEK | MSG_DONTWAIT))
    guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) ? .more : .gone }
    let bytes = UnsafeRawBufferPointer(rebasing: shard.scratch[..<count])
    if shard.isSecure {
      if bytes[0] == tlsHandshake { return .head }
      return refuse(descriptor, of: shard, .malformed, RequestRules.withoutTLS)
    }
    switch RequestHead.state(of: bytes) {
    case .whole: return .head
    case .unfinished where count < room: return .more
    case .unfinished where count < limit: return .head
    case .unfinished:
      let hasLine = bytes.contains(UInt8(ascii: "\n"))
      return refuse(descriptor, of: shard, .tooLarge, hasLine ? RequestRules.largeHead : RequestRules.longTarget)
    case .malformed: return refuse(descriptor, of: shard, .malformed, RequestRules.unsound)
    }
  }

  /// The type of the first record (RFC 8446, 5.1).
  private static let tlsHandshake: UInt8 = 22

  private static func refuse(
    _ descriptor: Int32, of shard: Shard, _ reason: Refusal?, _ response: HTTPResponse
  ) -> Look {
    if let reason { shard.counters.count(reason) }
    Self.drain(descriptor, into: shard.scratch)
    let bytes = response.bytes
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
    return .refused
  }

  /// Bytes that nobody has read would have the system reset the connection, and the client lose the answer.
  static func drain(_ descriptor: Int32, into scratch: UnsafeMutableRawBufferPointer) {
    for _ in 0..<16 {
      guard recv(descriptor, scratch.baseAddress, scratch.count, Int32(MSG_DONTWAIT)) > 0 else { return }
    }
  }

  // MARK: An open connection

  var isStreaming: Bool { false }
  func beat() {}
  func drain() { end(toBeServed: Self.look(at: descriptor, of: shard) == .head) }
  func drain(comingBackAfter delay: Duration) {}
  func end(ofOneOf owners: Set<ObjectIdentifier>) {}
  func cut() { end() }

  func checkDeadline(at time: UInt64) {
    guard deadline <= time else { return }
    if recv(descriptor, shard.scratch.baseAddress, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0, !shard.isSecure {
      _ = Self.refuse(descriptor, of: shard, nil, RequestRules.late)
    }
    end()
  }
}
