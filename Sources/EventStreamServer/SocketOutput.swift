internal import Glibc
internal import IOQueue

/// Writes a stream to a socket of its own.
///
/// libmicrohttpd has never known the socket, or it is a duplicate of one that libmicrohttpd has read the request from and
/// has closed for its part: its memory for a connection is not needed by a stream, the head leaves with the first event,
/// and there is nothing to be resumed, which costs it a walk over all that are suspended.
final class SocketOutput: StreamOutput, IOHandler {
  /// It keeps this output until the end.
  private unowned let subscriber: Subscriber
  private let client: ClientBlock
  private var chunks: ChunkOutput
  private var isOpen = true
  /// The system tells when the socket takes bytes again. Till then it takes none.
  private var waitsForRoom = false
  /// Everything is written but the end.
  private var isEnding = false

  private static let end: IOEvents = [.peerClosed, .once]
  private static let roomOrEnd: IOEvents = [.peerClosed, .writable, .once]

  /// Takes the descriptor over. The head is sent with what the subscriber has first.
  ///
  /// - Parameter client: whose place it takes over, to be given back at the end.
  init(_ subscriber: Subscriber, of client: ClientBlock, on descriptor: Int32, head: [UInt8], isChunked: Bool) {
    self.subscriber = subscriber
    self.client = client
    chunks = ChunkOutput(descriptor, head: head, isChunked: isChunked)
    // A subscriber who does not want to hear from us any more says nothing else than that it has closed its half.
    subscriber.shard.queue.watch(descriptor, for: Self.end, self)
  }

  var isIdle: Bool { !chunks.isBlocked && !isEnding }

  func flush() {
    guard isOpen, !waitsForRoom else { return }
    let shard = subscriber.shard
    switch isEnding ? chunks.end() : chunks.write(from: { subscriber.fill($0) }, scratch: shard.scratch) {
    case .all where isEnding: close()
    case .all:
      shard.audience.isNotBehind(subscriber)
      guard subscriber.isOver else { return }
      // To end a stream takes longer than to send an event, on both sides: others who wait for one come first.
      isEnding = true
      subscriber.wake()
    case .blocked:
      shard.audience.isBehind(subscriber)
      waitsForRoom = true
      shard.queue.watch(chunks.descriptor, for: Self.roomOrEnd, self)
    case .broken: close()
    }
  }

  func ready(_ descriptor: Int32, _ events: IOEvents) {
    guard events == .writable else { return close() }
    waitsForRoom = false
    flush()
    if isOpen, !waitsForRoom { subscriber.shard.queue.watch(descriptor, for: Self.end, self) }
  }

  func cut() { close() }

  private func close() {
    guard isOpen else { return }
    isOpen = false
    let (subscriber, shard) = (subscriber, subscriber.shard)
    shard.queue.unwatch(chunks.descriptor)
    FirstBytes.drain(chunks.descriptor, into: shard.scratch)
    Glibc.close(chunks.descriptor)
    shard.server.release(client)
    subscriber.leave()
    shard.remove(subscriber)
  }
}
