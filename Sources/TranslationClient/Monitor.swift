internal import IOQueue
internal import Dispatch
internal import EventStreamClient
internal import Synchronization

/// The updates of one translation, or of many, over as many connections as it takes. Safe from any thread.
final class Monitor: Sendable {
  let batches: SubscribedBatches<ReceivedUpdate, TranslationError>
  private let updates: BatchBuffer<ReceivedUpdate, TranslationError>
  private let stopped = Atomic(false)

  /// - Parameters:
  ///   - connections: where they are to, and what each follows.
  ///   - clock: the server's, if it is compared.
  init(
    _ connections: [(source: EventSource, scope: UpdateReader.Scope)], clock: ServerClock?,
    onState: @escaping @Sendable (EventSource.State) -> Void
  ) {
    let outlet = UpdateOutlet(connections: connections.count)
    updates = outlet.updates
    let subscriptions = connections.map {
      $0.source.open(UpdateReader($0.scope, into: outlet, clock: clock, onState: onState))
    }
    batches = SubscribedBatches(updates, subscriptions)
  }

  /// One that compares the clock of the server, if its events tell when they were sent.
  convenience init(
    _ connections: [(source: EventSource, scope: UpdateReader.Scope)], comparing: Bool,
    onState: @escaping @Sendable (EventSource.State) -> Void
  ) {
    let clock = comparing ? connections.first.flatMap { ServerClock.of($0.source) } : nil
    self.init(connections, clock: clock, onState: onState)
  }

  /// Whether updates that were not handed over yet must not be any more.
  var isStopped: Bool { stopped.load(ordering: .acquiring) }

  /// Ends it without an error, whatever is on its way.
  func stop() {
    stopped.store(true, ordering: .releasing)
    updates.finish(nil, discarding: true)
    close()
  }

  /// Ends it with an error, unless it has ended.
  func fail(_ error: TranslationError) {
    updates.finish(error)
    close()
  }

  /// Closes the connections.
  func close() {
    batches.cancel()
  }

  /// Ends it for want of a status. The watchdog knows silence, but not a stream that carries nothing but heartbeats.
  func failLate() { fail(.unreachable("the server is there but did not tell a status in time")) }

  /// The next batch; nil at the end. Blocks the calling thread, and fails when `time` is over.
  func takeBlocking(within time: Duration? = nil) throws(TranslationError) -> [ReceivedUpdate]? {
    precondition(
      !EventSource.isOnEngineQueue,
      "a blocking call on the queue that serves all streams would wait for ever: make it from another thread")
    let taken = Locked<BatchBuffer<ReceivedUpdate, TranslationError>.Taken?>(nil)
    let arrival = DispatchSemaphore(value: 0)
    batches.take { batch in
      taken.withLock { $0 = batch }
      arrival.signal()
    }
    let end = time.map { DispatchTime.now() + $0.timeInterval } ?? .distantFuture
    if arrival.wait(timeout: end) == .timedOut {
      failLate()
      arrival.wait()
    }
    switch taken.withLock({ $0 })! {
    case .batch(let batch): return batch
    case .end(nil): return nil
    case .end(let failure?): throw failure
    }
  }
}

/// The monitors that run, to be ended together. Safe from any thread.
final class Monitors: Sendable {
  private struct State {
    var running: [ObjectIdentifier: Monitor] = [:]
    /// How many times all were stopped.
    var stops = 0
  }
  private let state = Locked(State())

  /// Starts a monitor. A stop of all that comes meanwhile, by the first of its changes of state say, is for it too.
  func start(_ make: () -> Monitor) -> Monitor {
    let stops = state.withLock { $0.stops }
    let monitor = make()
    let runs = state.withLock { state in
      guard state.stops == stops else { return false }
      state.running[ObjectIdentifier(monitor)] = monitor
      return true
    }
    if !runs { monitor.stop() }
    return monitor
  }

  func forget(_ monitor: Monitor) {
    state.withLock { _ = $0.running.removeValue(forKey: ObjectIdentifier(monitor)) }
    monitor.close()
  }

  func stopAll() {
    let stopped = state.withLock { state in
      defer { state.running = [:] }
      state.stops += 1
      return state.running
    }
    for monitor in stopped.values { monitor.stop() }
  }
}
