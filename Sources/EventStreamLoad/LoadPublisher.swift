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
    for _ in 0..<max(1, plan.connections) {
      let connection = PublisherConnection(self, on: load.queue, buffer: load.buffer)
      connections.append(connection)
      connection.connect(to: target)
    }
  }

  func stop() {
    isStopped = true
    timer.cancel()
    for connection in connections { connection.close() }
  }

  /// Publishes as much as is due and there are connections for.
  func publish() {
    while !isStopped, sequence < plan.limit, let connection = idle.last {
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

  func isIdle(_ connection: PublisherConnection) {
    idle.append(connection)
    load.goOnPublishing()
  }

  func answered(_ status: Int, to event: PublishedEvent) {
    load.recorder.answered(status: status, after: max(WallClock.nanoseconds, event.time) - event.time)
    if !(200...299 ~= status) { load.failedToPublish(event) }
  }

  var connectionCount: Int { connections.count }

  /// Everything was published and answered.
  var isDone: Bool { sequence >= plan.limit && idle.count == connections.count }

  /// A connection broke; another takes its place.
  func broke(_ connection: PublisherConnection, _ event: PublishedEvent?) {
    guard !isStopped else { return }
    load.recorder.failedPublishes += 1
    if let event { load.failedToPublish(event) }
    idle.removeAll { $0 === connection }
    guard load.recorder.failedPublishes < 1000 else { return }
    connection.connect(to: target)
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

/// One connection of a publisher, with one request at a time.
final class PublisherConnection: IOHandler {
  private unowned let publisher: LoadPublisher
  private let queue: IOQueue
  private let buffer: UnsafeMutableRawBufferPointer
  private var descriptor: Int32 = -1
  private var reader = ResponseReader()
  /// What is left of a request.
  private var unsent: ArraySlice<UInt8> = []
  /// What waits for its answer.
  private var event: PublishedEvent?
  private var status = 0

  init(_ publisher: LoadPublisher, on queue: IOQueue, buffer: UnsafeMutableRawBufferPointer) {
    self.publisher = publisher
    self.queue = queue
    self.buffer = buffer
  }

  func connect(to target: LoadTarget) {
    reader = ResponseReader()
    unsent = []
    guard case .success(let descriptor) = target.connect(source: 0) else { return publisher.broke(self, nil) }
    self.descriptor = descriptor
    queue.watch(descriptor, for: .writable, self)
    // Requests wait in the socket until it is connected.
    publisher.isIdle(self)
  }

  func send(_ request: [UInt8], _ event: PublishedEvent) {
    self.event = event
    unsent = request[...]
    write()
  }

  private func write() {
    let count = unsent.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if count > 0 { unsent = unsent.dropFirst(count) }
    queue.watch(descriptor, for: unsent.isEmpty ? .readable : [.readable, .writable], self)
  }

  private static let readableOrEnded: IOEvents = [.readable, .hangUp, .error]

  func ready(_ descriptor: Int32, _ events: IOEvents) {
    if events.contains(.writable) {
      if unsent.isEmpty { queue.watch(descriptor, for: .readable, self) } else { write() }
    }
    guard !events.isDisjoint(with: Self.readableOrEnded) else { return }
    let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
    guard count > 0 else {
      if count < 0 && errno == EAGAIN { return }
      return broke()
    }
    var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    do {
      while let part = try reader.next(in: &rest) { take(part) }
    } catch {
      broke()
    }
  }

  private func broke() {
    close()
    publisher.broke(self, event.take())
  }

  private func take(_ part: ResponseReader.Part) {
    switch part {
    case .head(let status, _): self.status = status
    case .body: break
    case .end:
      guard let event = event.take() else { return }
      publisher.answered(status, to: event)
      publisher.isIdle(self)
    }
  }

  func close() {
    guard descriptor >= 0 else { return }
    queue.unwatch(descriptor)
    Glibc.close(descriptor)
    descriptor = -1
  }
}
