// sockaddr_storage comes by this module.
internal import CMicrohttpd
internal import Glibc
internal import IOQueue

/// A connection until its first request head is there: it costs a descriptor and this.
///
/// A request for an event stream it answers itself, and libmicrohttpd never hears of it; everything else becomes
/// libmicrohttpd's.
///
/// Lives on its shard's queue.
final class Arrival: OpenConnection, IOHandler {
  private unowned let shard: Shard
  private let descriptor: Int32
  private var address = sockaddr_storage()
  private let addressLength: socklen_t
  private let client: ClientBlock
  private let admission: ServerState.Admission
  private let deadline: UInt64
  private var isWaiting = false
  var place = 0
  var isAlone: Bool { false }

  init(_ descriptor: Int32, from address: UnsafePointer<sockaddr>, _ length: socklen_t, of shard: Shard) {
    self.descriptor = descriptor
    self.shard = shard
    addressLength = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
    memcpy(&self.address, address, Int(addressLength))
    client = shard.configuration.maxConnectionsPerAddress == nil ? .nobody : ClientBlock(address)
    admission = shard.server.admit(client)
    deadline = Monotonic.now &+ shard.configuration.requestDeadline.nanoseconds
  }

  /// To be called once. If the head is not there, it waits until it is, its client leaves, or its time is up.
  func begin() {
    let bytes = FirstBytes.look(at: descriptor, of: shard)
    guard case .unfinished = bytes else { return end(with: bytes) }
    // Who has too many waits for its head to be told so; but not in places that others need.
    if admission == .tooManyOfClient, shard.server.isCrowded { return turnAway() }
    isWaiting = true
    shard.insert(self)
    shard.deadlines.add(deadline)
    // With each piece that comes; what lies there unread is not reported again.
    shard.queue.watch(descriptor, for: [.readable, .peerClosed, .edge], self)
  }

  func ready(_ descriptor: Int32, _ events: IOEvents) {
    let bytes = FirstBytes.look(at: descriptor, of: shard)
    guard case .unfinished = bytes else { return end(with: bytes) }
    if !events.isDisjoint(with: [.peerClosed, .hangUp, .error]) {
      // No more will come.
      FirstBytes.refuse(descriptor, of: shard, .malformed, RequestRules.unsound)
      close()
    }
  }

  // MARK: The end of waiting

  private func end(with bytes: FirstBytes) {
    switch bytes {
    case .head(let head): serve(head)
    case .refused: linger()
    case .unfinished, .gone: close()
    }
  }

  private func serve(_ head: UnsafeRawBufferPointer) {
    guard shard.configuration.writesDirectly, !shard.isSecure, !shard.isDraining, admission == .granted,
      let request = StreamRequest.read(head, from: withAddress { address, _ in SocketAddress(address) })
    else { return handOver(answer: nil) }
    let response = shard.handler(request)
    guard response.status == 200, case .events(let selection, let lastEventID, let retry) = response.body else {
      return handOver(answer: response)
    }
    let cursor = selection.cursor(after: lastEventID, on: shard)
    if cursor.isAtEnd, lastEventID != nil { return handOver(answer: response) }

    shard.counters.requests.count()
    // It was only looked at so far.
    recv(descriptor, shard.scratch.baseAddress, head.count, Int32(MSG_DONTWAIT))
    let subscriber = Subscriber(
      alone: descriptor, of: client, from: cursor, retry: retry, to: response, isChunked: true, of: shard)
    if isWaiting { shard.replace(self, by: subscriber) } else { shard.insert(subscriber) }
    subscriber.wake()
    shard.onAccess?(AccessRecord(request, status: response.status))
  }

  /// - Parameter answer: to the request that is there, if the handler was asked already.
  private func handOver(answer: HTTPResponse?) {
    leave {
      withAddress { address, length in
        guard let acceptor = shard.acceptor else { return _ = Glibc.close(descriptor) }
        acceptor.handOver(descriptor, from: address, length, answer: answer, deadline: deadline)
      }
    }
  }

  /// Without a look at what it wants.
  private func turnAway() {
    if !shard.isSecure { FirstBytes.refuse(descriptor, of: shard, .connections, .tooManyConnections) }
    close()
  }

  private func close() {
    leave { Glibc.close(descriptor) }
  }

  /// It was refused, and may not know it yet.
  private func linger() {
    leave { LingeringConnection.linger(descriptor, of: shard) }
  }

  /// It is there until the descriptor is somebody else's, so that the shard is not empty in between.
  private func leave(_ giveAway: () -> Void) {
    if isWaiting { shard.queue.unwatch(descriptor) }
    if admission == .granted { shard.server.release(client) }
    giveAway()
    if isWaiting { shard.remove(self) }
  }

  private func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, addressLength) }
    }
  }

  // MARK: An open connection

  var isStreaming: Bool { false }
  func beat(_ number: Int) {}
  func drain() { end(with: FirstBytes.look(at: descriptor, of: shard)) }
  func drain(comingBackAfter delay: Duration) {}
  func end(ofOneOf owners: Set<ObjectIdentifier>) {}
  func cut() { close() }

  func checkDeadline(at time: UInt64) -> UInt64? {
    guard deadline <= time else { return deadline }
    if recv(descriptor, shard.scratch.baseAddress, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0, !shard.isSecure {
      FirstBytes.refuse(descriptor, of: shard, nil, RequestRules.late)
      linger()
    } else {
      close()
    }
    return nil
  }
}
