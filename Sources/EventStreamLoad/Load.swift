internal import IOQueue

/// Many subscribers of an event stream server on one thread, and what they measure.
///
///     let load = try Load(plan, onEnd: { report in print(report.deliveriesPerSecond) })
///     load.begin()
///
/// First all connect, then there is a pause, then the measurement, with the publisher if there is one. `begin` and `stop`
/// may be called from any thread; closures are called on the load's queue.
// Sendable: the stored variables are touched on `queue` alone.
package final class Load: @unchecked Sendable {
  let queue: IOQueue
  private let plan: LoadPlan
  private let onProgress: @Sendable (LoadProgress) -> Void
  private let onEnd: @Sendable (LoadReport) -> Void
  /// For one read at a time.
  let buffer: UnsafeMutableRawBufferPointer

  // On `queue`:
  var recorder = Recorder()
  private(set) var outstanding: Outstanding
  private var gathering = Gathering()
  private(set) var arrivals: LoadArrivals!
  private var publisher: LoadPublisher?
  private var finder: TimestampFinder
  private var readersByTopic: [Int: Int] = [:]
  private var phase: LoadProgress.Phase?
  private var measurementStart: UInt64 = 0
  /// When everything was published and had arrived.
  private var measurementEnd: UInt64?
  private var usage: ServerUsage
  private var ownCPU = 0.0
  private lazy var ticks = IOTimer(on: queue) { [unowned self] in tick() }
  private lazy var next = IOTimer(on: queue) { [unowned self] in goOn() }

  /// Raises the process's limit of descriptors as far as that goes. Blocks while host names are resolved.
  ///
  /// - Parameters:
  ///   - onProgress: called about ten times a second.
  ///   - onEnd: called once, with the result.
  package init(
    _ plan: LoadPlan, onProgress: @escaping @Sendable (LoadProgress) -> Void = { _ in },
    onEnd: @escaping @Sendable (LoadReport) -> Void
  ) throws(LoadError) {
    OwnProcess.raiseDescriptorLimit()
    self.plan = plan
    self.onProgress = onProgress
    self.onEnd = onEnd
    usage = ServerUsage(of: ServerProcesses(plan.serverProcesses))
    finder = TimestampFinder(key: plan.timestampKey)
    let topics = max(1, plan.topics ?? plan.subscribers)
    outstanding = Outstanding(topics: topics)
    do {
      queue = try IOQueue(label: "load")
    } catch {
      throw LoadError(error.description)
    }
    // After all that may throw before the object is whole: nothing would free it then.
    buffer = .allocate(byteCount: 65_536, alignment: 16)
    arrivals = try LoadArrivals(plan, topics: topics, of: self)
    if let plan = plan.publisher { publisher = try LoadPublisher(plan, topics: topics, of: self) }
  }

  deinit { buffer.deallocate() }

  package func begin() {
    queue.perform { [self] in
      phase = .connecting
      arrivals.begin()
      usage.note(.before)
      tick()
    }
  }

  /// Ends the load where it is: the result is of what has been.
  package func stop() {
    queue.perform { self.finish() }
  }

  // MARK: Phases

  private func tick() {
    guard let phase else { return }
    if phase == .connecting {
      arrivals.goOn()
      settleIfConnected()
    }
    guard self.phase != nil else { return }
    onProgress(
      LoadProgress(
        phase: phase, connected: recorder.connected, subscribers: plan.subscribers,
        failed: recorder.failures.values.reduce(0, +), deliveries: recorder.events,
        seconds: phase == .measuring ? Double(Monotonic.now &- measurementStart) / 1e9 : 0))
    // In a ramp connects go out at a steady pace.
    ticks.schedule(after: phase == .connecting && plan.ramp > .zero ? .milliseconds(5) : .milliseconds(100))
  }

  private func settleIfConnected() {
    guard arrivals.isDone, phase == .connecting else { return }
    usage.note(.connected)
    phase = .settling
    next.schedule(after: plan.settle)
  }

  private func goOn() {
    switch phase {
    case .settling:
      usage.note(.idle)
      ownCPU = OwnProcess.cpu
      phase = .measuring
      measurementStart = Monotonic.now
      recorder.isMeasuring = true
      publisher?.begin()
      next.schedule(after: plan.duration)
    case .measuring: finish()
    case .connecting, nil: break
    }
  }

  private func finish() {
    guard phase != nil else { return }
    let report = report()
    phase = nil
    recorder.isMeasuring = false
    publisher?.stop()
    for subscriber in arrivals.subscribers { subscriber.close() }
    ticks.cancel()
    next.cancel()
    queue.close()
    onEnd(report)
  }

  // MARK: What subscribers and the publisher tell

  func opened(_ subscriber: LoadSubscriber, after time: UInt64) {
    recorder.opened(after: time)
    if subscriber.isReading { readersByTopic[subscriber.topic, default: 0] += 1 }
    arrivals.opened()
    settleIfConnected()
  }

  func delivered(_ data: UnsafeRawBufferPointer, to subscriber: LoadSubscriber, at now: UInt64) {
    guard recorder.isMeasuring else { return }
    let time = finder.time(in: data)
    // Of what came about before, only how late it is would be told: it was sent to who has just come.
    recorder.delivered(after: time.map { now > $0 ? now - $0 : 0 })
    let before = outstanding.count
    subscriber.seen = outstanding.deliver(topic: subscriber.topic, time: time, after: subscriber.seen)
    if outstanding.count < before || before == 0 { goOnPublishing() }
    // Of events that others publish each subscriber is taken to get one.
    gathering.delivered(in: queue.turn, leaving: publisher == nil ? recorder.connected : outstanding.missing)
  }

  func ended(_ subscriber: LoadSubscriber, _ failure: LoadFailure?, wasOpen: Bool) {
    if let failure { recorder.failed(failure) } else { recorder.properEnds += 1 }
    if wasOpen {
      guard !subscriber.isStalled else { return }
      readersByTopic[subscriber.topic, default: 1] -= 1
      outstanding.leave(topic: subscriber.topic, after: subscriber.seen)
      goOnPublishing()
    } else {
      arrivals.failed()
      settleIfConnected()
    }
  }

  /// Publishes what is due; ends the load if everything was and has arrived.
  func goOnPublishing() {
    guard let publisher else { return }
    publisher.publish()
    guard publisher.isDone, outstanding.count == 0 else { return }
    measurementEnd = Monotonic.now
    // Over several connections an event may overtake another, and stands for it: the other has a second to come.
    let mayFollow = publisher.connectionCount > 1 && recorder.events < outstanding.deliveries
    // Not at once: what comes now is read by somebody who is in the middle of it.
    next.schedule(after: mayFollow ? .seconds(1) : .zero)
  }

  func publishing(topic: Int, at time: UInt64) -> PublishedEvent {
    // The body tells the time to the microsecond.
    let number = outstanding.publish(topic: topic, at: time / 1000 * 1000, to: readersByTopic[topic] ?? 0)
    return PublishedEvent(topic: topic, number: number, time: time)
  }

  func failedToPublish(_ event: PublishedEvent) { outstanding.withdraw(topic: event.topic, number: event.number) }

  // MARK: The result

  private func report() -> LoadReport {
    usage.note(.after)
    let reading = arrivals.subscribers.dropFirst(plan.stalled).filter { $0.isOpen }
    return LoadReport(
      subscribers: plan.subscribers, connected: recorder.connected, stalled: plan.stalled,
      connectSeconds: arrivals.seconds, heads: .init(nanoseconds: recorder.heads),
      seconds: recorder.isMeasuring ? Double((measurementEnd ?? Monotonic.now) &- measurementStart) / 1e9 : 0,
      deliveries: recorder.events, fewest: reading.map(\.events).min() ?? 0, most: reading.map(\.events).max() ?? 0,
      bytes: recorder.bytes, latencies: .init(nanoseconds: recorder.latencies),
      eventsWithoutTime: recorder.eventsWithoutTime, published: recorder.published,
      refusedPublishes: recorder.refusedPublishes, failedPublishes: recorder.failedPublishes,
      answers: .init(nanoseconds: recorder.answers), properEnds: recorder.properEnds, failures: recorder.failures,
      server: usage.report, ownCPU: recorder.isMeasuring ? OwnProcess.cpu - ownCPU : 0)
  }
}
