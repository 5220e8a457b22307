internal import Glibc
internal import IOQueue

/// Publishes events, over connections that are kept.
///
/// Lives on the load's queue.
final class LoadPublisher {
  private unowned let load: Load
  private let plan: PublisherPlan
  private let target: LoadTarget
  private let body: Template
  private let topics: Int
  private var idle: [PublisherConnection] = []
  private var connections: [PublisherConnection] = []
  /// Publishes that were begun.
  private var sequence = 0
  private var start: UInt64 = 0
  private var isStopped = true
  private var isPublishing = false
  private lazy var timer = IOTimer(on: load.queue) { [unowned self] in publish() }

  init(_ plan: PublisherPlan, topics: Int, of load: Load) throws(LoadError) {
    self.plan = plan
    self.topics = topics
    self.load = load
    target = try LoadTarget(plan.url)
    body = Template(plan.body)
  }

  func begin() {
    isStopped = false
    start = Monotonic.now
    connections = (0..<max(1, plan.connections)).map { _ in
      PublisherConnection(self, to: target, on: load.queue, buffer: load.buffer)
    }
    idle = connections.reversed()
    for connection in connections { connection.connect() }
    load.goOnPublishing()
  }

  func stop() {
    isStopped = true
    timer.cancel()
    for connection in connections { connection.close() }
  }

  /// Publishes as much as is due and there are connections for; nothing any more when a thousand have broken.
  func publish() {
    // One whose connect fails at once makes room for the next from in here.
    guard !isPublishing else { return }
    isPublishing = true
    defer { isPublishing = false }
    while !isStopped, load.recorder.failedPublishes < 1000, sequence < plan.limit, let connection = idle.last {
      var time = WallClock.nanoseconds
      switch plan.pace {
      case .window(let window): guard load.outstanding.count < window else { return }
      case .rate(let rate):
        let now = Monotonic.now
        let due = start &+ UInt64(Double(sequence) / rate * 1e9)
        guard due <= now else { return timer.schedule(after: .nanoseconds(Int64(due - now))) }
        // What should have been sent already counts from then.
        time -= now - due
      }
      idle.removeLast()
      let topic = sequence % topics
      let text = body.text(topic: topic, time: time, sequence: sequence)
      sequence += 1
      let request = target.request(plan.method, topic: topic, fields: plan.fields, body: text)
      connection.send(request, load.publishing(topic: topic, at: time))
    }
  }

  func answered(_ status: Int, to event: PublishedEvent, on connection: PublisherConnection) {
    load.recorder.answered(status: status, after: max(WallClock.nanoseconds, event.time) - event.time)
    if !(200...299 ~= status) { load.failedToPublish(event) }
    idle.append(connection)
    load.goOnPublishing()
  }

  var connectionCount: Int { connections.count }

  /// Everything was published and answered.
  var isDone: Bool { sequence >= plan.limit && idle.count == connections.count }

  /// A connection broke, while it was idle or before the answer to that event; the next event has it made again.
  func broke(_ connection: PublisherConnection, _ event: PublishedEvent?) {
    guard !isStopped else { return }
    load.recorder.failedPublishes += 1
    guard let event else { return }
    load.failedToPublish(event)
    idle.append(connection)
    load.goOnPublishing()
  }
}

/// An event from its publish to its answer.
struct PublishedEvent {
  let topic: Int
  /// Among those of its topic.
  let number: Int
  /// When it was to be sent.
  let time: UInt64
}

/// One connection of a publisher, with one request at a time. When the server closes it, between requests or with an
/// answer, the next request is sent over a new one.
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
