// MSG_DONTWAIT comes by this module.
internal import CMicrohttpd
internal import Glibc

/// What has come of a connection's first request head, as it lies in the system's buffer: byte for byte as it was sent,
/// which libmicrohttpd shows nobody. Some of what is no HTTP it waits for, closes without an answer, or takes.
enum FirstBytes {
  /// Nothing is wrong so far.
  case unfinished
  /// A head, or as much as need be looked at. It lies in the shard's scratch memory, until that is used again.
  case head(UnsafeRawBufferPointer)
  /// It was answered, and the connection is to be closed.
  case refused
  case gone

  static func look(at descriptor: Int32, of shard: Shard) -> FirstBytes {
    let limit = shard.configuration.requestMemory / 2
    let room = min(shard.scratch.count, limit)
    let count = recv(descriptor, shard.scratch.baseAddress, room, Int32(MSG_PEEK | MSG_DONTWAIT))
    guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) ? .unfinished : .gone }
    let bytes = UnsafeRawBufferPointer(rebasing: shard.scratch[..<count])
    if shard.isSecure {
      if bytes[0] == tlsHandshake { return .head(bytes) }
      refuse(descriptor, of: shard, .malformed, RequestRules.withoutTLS)
      return .refused
    }
    switch RequestHead.state(of: bytes) {
    case .whole: return .head(bytes)
    case .unfinished where count < room: return .unfinished
    case .unfinished where count < limit: return .head(bytes)
    case .unfinished:
      let hasLine = bytes.contains(UInt8(ascii: "\n"))
      refuse(descriptor, of: shard, .tooLarge, hasLine ? RequestRules.largeHead : RequestRules.longTarget)
    case .malformed: refuse(descriptor, of: shard, .malformed, RequestRules.unsound)
    }
    return .refused
  }

  /// The type of the first record (RFC 8446, 5.1).
  private static let tlsHandshake: UInt8 = 22

  /// Answers what is there. The connection is to be closed then.
  static func refuse(_ descriptor: Int32, of shard: Shard, _ reason: Refusal?, _ response: HTTPResponse) {
    if let reason { shard.counters.count(reason) }
    drain(descriptor, into: shard.scratch)
    let bytes = response.bytes
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
  }

  /// To be done before a descriptor is closed: bytes that nobody has read would have the system reset the connection,
  /// and the client lose what it was sent last.
  static func drain(_ descriptor: Int32, into scratch: UnsafeMutableRawBufferPointer) {
    for _ in 0..<16 {
      guard recv(descriptor, scratch.baseAddress, scratch.count, Int32(MSG_DONTWAIT)) > 0 else { return }
    }
  }
}
