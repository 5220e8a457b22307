import Glibc

/// One TCP connection and the thread that owns its descriptor. Independent of every product target, for it judges them.
///
/// Any thread or task may call any member: orders are left under a lock and the owning thread is woken; only that
/// thread touches the socket. A wire lives until it is told to `close` or `reset`, whoever drops it.
final class Wire: Sendable {
  /// How the other side went away.
  struct Hangup: Sendable {
    enum Kind: Sendable {
      case finished  // FIN: it sends no more
      case reset  // RST
    }
    let kind: Kind
    let instant: ContinuousClock.Instant
  }

  struct Incoming: Sendable, CustomStringConvertible {
    /// What came and was not taken yet.
    var unread: [UInt8] = []
    var total = 0
    /// Set as soon as it is noticed, maybe before all is read.
    var hangup: Hangup?
    /// Nothing more will be appended to `unread`.
    var isComplete = false
    /// The response that is being read, if any.
    var body: HTTPBodyDecoder?

    var description: String {
      let end = hangup.map { "\($0.kind)" } ?? "open"
      let text = String(decoding: unread.prefix(400), as: UTF8.self)
      return "\(total) bytes in all, \(end), unread: \(text.debugDescription)"
    }
  }

  struct Outgoing: Sendable {
    /// Bytes that the kernel took.
    var accepted = 0
    var failure: SocketError?
  }

  let incoming = Watched(Incoming())
  let outgoing = Watched(Outgoing())
  let port: UInt16

  // What the owning thread is to do; left here by anybody.
  enum End { case close, reset }
  struct Orders {
    var outbox: [[UInt8]] = []
    var promised = 0
    var reads: Bool
    var shutsDownWriting = false
    var end: End?
  }
  private let orders: Locked<Orders>
  private let wakeRead: Int32
  private let wakeWrite: Int32

  /// Owns `descriptor` from here on.
  init(_ descriptor: Int32, reads: Bool) {
    var ends: [Int32] = [0, 0]
    let type = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    precondition(socketpair(AF_UNIX, Int32(type), 0, &ends) == 0, "no descriptor left to wake the wire's thread")
    (wakeRead, wakeWrite) = (ends[0], ends[1])
    orders = Locked(Orders(reads: reads))
    port = localPort(descriptor)
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
    detachThread("wire") {
      var thread = WireThread(wire: self, descriptor: descriptor, wake: self.wakeRead)
      thread.run()
    }
  }

  /// Returns when the kernel has taken all of `bytes`; throws when it never will. Sends keep their order.
  func send(_ bytes: [UInt8], within limit: Duration) async throws {
    let target = orders.withLock { orders in
      orders.outbox.append(bytes)
      orders.promised += bytes.count
      return orders.promised
    }
    wake()
    try await wait(accepted: target, within: limit)
  }

  /// Returns once the kernel has taken `count` bytes in all; throws when it never will.
  func wait(accepted count: Int, within limit: Duration) async throws {
    try await outgoing.wait(for: "the kernel to take \(count) bytes in all", within: limit) { outgoing in
      if outgoing.accepted >= count { return () }
      if let failure = outgoing.failure { throw failure }
      return nil
    }
  }

  func setReading(_ reads: Bool) { order { $0.reads = reads } }

  /// FIN, once what was sent before is on its way.
  func shutdownWrite() { order { $0.shutsDownWriting = true } }

  /// Closes as `end` says, at once: sends that still wait fail. The first call decides.
  func close(_ end: End) { order { $0.end = $0.end ?? end } }

  private func order(_ change: (inout Orders) -> Void) {
    orders.withLock { change(&$0) }
    wake()
  }

  private func wake() {
    var byte: UInt8 = 1
    // If it doesn't fit, the thread has been woken already. The descriptor is open as long as anybody can call.
    _ = write(wakeWrite, &byte, 1)
  }

  // The owning thread's side.

  func currentOrders() -> (reads: Bool, writes: Bool, shutsDownWriting: Bool, end: End?) {
    orders.withLock { ($0.reads, !$0.outbox.isEmpty, $0.shutsDownWriting, $0.end) }
  }

  func firstOfOutbox() -> [UInt8]? { orders.withLock { $0.outbox.first } }

  func dropFirstOfOutbox() { orders.withLock { _ = $0.outbox.removeFirst() } }

  func fail(_ failure: SocketError) {
    orders.withLock { $0.outbox.removeAll() }
    outgoing.update { $0.failure = $0.failure ?? failure }
  }

  deinit {
    // The thread holds the wire as long as it runs: here it is over and nobody can call.
    Glibc.close(wakeRead)
    Glibc.close(wakeWrite)
  }
}
