internal import Glibc
internal import IOQueue

/// One connection of a publisher, with one request at a time. When the server closes it, between requests or with an
/// answer, the next request is sent over a new one.
///
/// Lives on the load's queue.
final class PublisherConnection: IOHandler {
  private unowned let publisher: LoadPublisher
  private let target: LoadTarget
  private let queue: IOQueue
  private let buffer: UnsafeMutableRawBufferPointer
  private var descriptor: Int32 = -1
  private var reader = ResponseReader()
  /// What is left of a request.
  private var unsent: ArraySlice<UInt8> = []
  /// What waits for its answer.
  private var event: PublishedEvent?
  /// Of its answer, once the head has come.
  private var status: Int?

  init(
    _ publisher: LoadPublisher, to target: LoadTarget, on queue: IOQueue, buffer: UnsafeMutableRawBufferPointer
  ) {
    self.publisher = publisher
    self.target = target
    self.queue = queue
    self.buffer = buffer
  }

  /// Begins to connect: a request waits until it is.
  func connect() {
    reader = ResponseReader()
    status = nil
    guard case .success(let descriptor) = target.connect(source: 0) else { return broke() }
    self.descriptor = descriptor
    queue.watch(descriptor, for: .readable, self)
  }

  func send(_ request: [UInt8], _ event: PublishedEvent) {
    self.event = event
    unsent = request[...]
    if hasEnded { close() }
    if descriptor < 0 { connect() }
    if descriptor >= 0 { write() }
  }

  /// Whether the server has closed it, and we have yet to be told.
  private var hasEnded: Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
  }

  private func write() {
    let count = unsent.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if count > 0 { unsent = unsent.dropFirst(count) }
    queue.watch(descriptor, for: unsent.isEmpty ? .readable : [.readable, .writable], self)
  }

  private static let readableOrEnded: IOEvents = [.readable, .hangUp, .error]

  func ready(_ descriptor: Int32, _ events: IOEvents) {
    if events.contains(.writable) { write() }
    guard !events.isDisjoint(with: Self.readableOrEnded) else { return }
    let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
    guard count > 0 else {
      if count < 0 && errno == EAGAIN { return }
      return count == 0 ? ended() : broke()
    }
    var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    do {
      while let part = try reader.next(in: &rest) {
        switch part {
        case .head(let status, _): self.status = status
        case .body: break
        case .end:
          if reader.isLast {
            // What follows is no answer.
            rest = UnsafeRawBufferPointer(start: nil, count: 0)
            close()
          }
          answered()
        }
      }
    } catch {
      broke()
    }
  }

  private func answered() {
    guard let status = status.take(), let event = event.take() else { return }
    publisher.answered(status, to: event, on: self)
  }

  /// The server closed it: between requests, with an answer that goes on until then, or in the middle of one.
  private func ended() {
    guard reader.mayEnd, event == nil || status != nil else { return broke() }
    close()
    answered()
  }

  private func broke() {
    close()
    publisher.broke(self, event.take())
  }

  func close() {
    guard descriptor >= 0 else { return }
    queue.unwatch(descriptor)
    Glibc.close(descriptor)
    descriptor = -1
  }
}
