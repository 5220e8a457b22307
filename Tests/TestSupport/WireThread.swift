import Glibc

/// POLLRDHUP, "stream socket peer closed connection, or shut down writing half of connection": Glibc's module omits it.
private let pollRemoteHangup: Int32 = 0x2000

/// What a wire's thread does: polls the socket and the wake pipe, reads, writes, and ends. Lives on that thread only.
struct WireThread {
  let wire: Wire
  let descriptor: Int32
  let wake: Int32
  private var outboxOffset = 0
  private var inputIsOver = false
  private var writingIsShut = false

  init(wire: Wire, descriptor: Int32, wake: Int32) {
    self.wire = wire
    self.descriptor = descriptor
    self.wake = wake
  }

  mutating func run() {
    while true {
      let orders = wire.currentOrders()
      if let end = orders.end { return finish(end) }
      if orders.shutsDownWriting, !orders.writes, !writingIsShut {
        shutdown(descriptor, Int32(SHUT_WR))
        writingIsShut = true
      }
      let happened = wait(reads: orders.reads, writes: orders.writes)
      if happened & Int16(pollRemoteHangup | POLLERR | POLLHUP) != 0 {
        noteHangup(wasReset: happened & Int16(POLLERR) != 0)
      }
      if orders.reads, !inputIsOver, happened & Int16(POLLIN | POLLERR | POLLHUP) != 0 { read() }
      if orders.writes, happened & Int16(POLLOUT | POLLERR) != 0 { write() }
    }
  }

  /// Blocks until the socket or an order wants attention; returns what happened on the socket.
  private func wait(reads: Bool, writes: Bool) -> Int16 {
    let hangupIsNews = wire.incoming.value.hangup == nil
    var events: Int16 = 0
    if reads, !inputIsOver { events |= Int16(POLLIN) }
    if writes { events |= Int16(POLLOUT) }
    if hangupIsNews { events |= Int16(pollRemoteHangup) }
    // POLLERR and POLLHUP come asked or unasked: a descriptor from which nothing is wanted must leave the set.
    var set = [
      pollfd(fd: events == 0 ? -1 : descriptor, events: events, revents: 0),
      pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&set, 2, -1) < 0, errno == EINTR {}
    if set[1].revents != 0 {
      var drain: UInt8 = 0
      while Glibc.read(wake, &drain, 1) > 0 {}
    }
    return set[0].revents
  }

  private func noteHangup(wasReset: Bool) {
    let hangup = Wire.Hangup(kind: wasReset ? .reset : .finished, instant: .now)
    wire.incoming.update { $0.hangup = $0.hangup ?? hangup }
  }

  private mutating func read() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count > 0 {
      let bytes = buffer[..<count]
      wire.incoming.update { incoming in
        incoming.unread += bytes
        incoming.total += bytes.count
      }
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      inputIsOver = true
      noteHangup(wasReset: count < 0)
      wire.incoming.update { $0.isComplete = true }
    }
  }

  private mutating func write() {
    guard let bytes = wire.firstOfOutbox() else { return }
    // A peer that is gone must be an error here and not the end of the test process.
    let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    let offset = outboxOffset
    let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress! + offset, $0.count - offset, flags) }
    guard count >= 0 else {
      if errno != EAGAIN, errno != EINTR { wire.fail(SocketError(failed: "send to a peer that went away")) }
      return
    }
    outboxOffset += count
    if outboxOffset == bytes.count {
      wire.dropFirstOfOutbox()
      outboxOffset = 0
    }
    wire.outgoing.update { $0.accepted += count }
  }

  private func finish(_ end: Wire.End) {
    // "l_linger 0: close discards the send buffer and sends RST" — socket(7), tcp(7).
    if end == .reset { setOption(descriptor, SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0)) }
    close(descriptor)
    wire.fail(SocketError("this side closed the connection"))
    wire.incoming.update { $0.isComplete = true }
  }
}
