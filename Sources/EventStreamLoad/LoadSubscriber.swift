internal import EventStream
internal import Glibc
internal import IOQueue

/// One subscriber: its connection, from the connect to its end.
///
/// Lives on the load's queue.
final class LoadSubscriber: IOHandler {
  private unowned let load: Load
  let topic: Int
  let isStalled: Bool
  private var descriptor: Int32 = -1
  private var reader = ResponseReader()
  private var parser = EventParser()
  /// When it began to connect; 0 before.
  private(set) var begin: UInt64 = 0
  /// Its place among the events of its topic that were published: of that number, or a later one, was the latest that it
  /// got.
  var seen = 0
  private(set) var events = 0

  private enum State {
    case idle, connecting, waiting, open, ended
  }
  private var state = State.idle

  init(_ load: Load, topic: Int, isStalled: Bool) {
    self.load = load
    self.topic = topic
    self.isStalled = isStalled
  }

  var isOpening: Bool { state == .connecting || state == .waiting }
  var isOpen: Bool { state == .open }
  var isReading: Bool { state == .open && !isStalled }

  func connect(to target: LoadTarget, source: Int) {
    begin = Monotonic.now
    // What the system would hold for it has to be little, or it takes long until it seems stalled.
    switch target.connect(source: source, receiveBuffer: isStalled ? 4096 : nil) {
    case .success(let descriptor):
      self.descriptor = descriptor
      state = .connecting
      load.queue.watch(descriptor, for: .writable, self)
    case .failure(let error): end(LoadFailure(error))
    }
  }

  func ready(_ descriptor: Int32, _ events: IOEvents) {
    switch state {
    case .connecting: connected()
    case .open where isStalled: end(.endedEarly)
    default:
      var count = read()
      // By edges what has come is told of once: a read that was full has left some, and one at the end the end itself.
      while count == load.buffer.count || count > 0 && events != .readable { count = read() }
    }
  }

  private func connected() {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    guard code == 0 else { return end(LoadFailure(SystemError(code))) }
    let request = load.arrivals.request(topic: topic)
    // A fresh socket takes a request whole.
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return end(.reset) }
    // A connection that only reads acknowledges each event at once, which costs more than reading it. This has it wait,
    // as one that goes to and fro does (tcp(7), TCP_QUICKACK).
    var never: Int32 = 0
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &never, socklen_t(MemoryLayout<Int32>.size))
    state = .waiting
    load.queue.watch(descriptor, for: [.readable, .peerClosed, .edge], self)
  }

  /// Reads once, if it is still to read.
  ///
  /// - Returns: how many bytes.
  private func read() -> Int {
    guard state != .ended, !(state == .open && isStalled) else { return 0 }
    let buffer = load.buffer
    let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
    guard count > 0 else {
      if count < 0 && (errno == EAGAIN || errno == EINTR) { return 0 }
      end(count < 0 ? .reset : reader.mayEnd && state == .open ? nil : .endedEarly)
      return 0
    }
    load.recorder.received(count)
    var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    do {
      while state != .ended, let part = try reader.next(in: &rest) { try take(part) }
    } catch {
      end(.malformed)
    }
    return count
  }

  private func take(_ part: ResponseReader.Part) throws {
    switch part {
    case .head(200, isEventStream: true):
      state = .open
      load.opened(self, after: Monotonic.now - begin)
      // From now on it reads nothing; that the other end is gone, it still hears of.
      if isStalled { load.queue.watch(descriptor, for: [.peerClosed, .once], self) }
    case .head(200, _): end(.notAnEventStream)
    case .head(let status, _): end(.status(status))
    case .body(let bytes):
      let time = load.recorder.isMeasuring ? WallClock.nanoseconds : 0
      try parser.feed(bytes) { item in
        switch item {
        case .event(let event):
          events += 1
          event.withDataBytes { load.delivered($0, to: self, at: time) }
        case .comment: break
        case .reconnectionTime: break
        }
      }
    case .end: end(nil)
    }
  }

  /// - Parameter failure: nil for a proper end.
  func end(_ failure: LoadFailure?) {
    guard state != .ended else { return }
    let wasOpen = state == .open
    state = .ended
    close()
    load.ended(self, failure, wasOpen: wasOpen)
  }

  func close() {
    guard descriptor >= 0 else { return }
    load.queue.unwatch(descriptor)
    Glibc.close(descriptor)
    descriptor = -1
  }
}
