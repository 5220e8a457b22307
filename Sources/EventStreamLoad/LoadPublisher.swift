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
