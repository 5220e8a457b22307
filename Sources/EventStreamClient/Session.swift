internal import EventStream
internal import IOQueue
internal import Synchronization

/// One connection that outlives its sockets: attempt, stream, wait, attempt again.
///
/// `start`, `cancel`, `resume` and `isCancelled` are for any thread; the rest happens on the engine's queue. It keeps
/// itself alive from `start` to its end.
// Sendable: constant or atomic, but for the properties marked as the queue's, which nothing else touches.
final class Session: @unchecked Sendable {
  let source: EventSource
  let engine: CurlMulti
  private let hasValidID: Bool
  private let cancelled = Atomic(false)

  // On the engine's queue, here and in the extension. Exclusivity is checked no more where each event would pay for it:
  // no two of a stream's events are at work at a time, and neither sees the other's state.
  /// Let go at the end, with what its closures hold: often this session's own subscription.
  var sink: (any EventSink)?
  var phase = Phase.idle
  @exclusivity(unchecked) var schedule: ReconnectionSchedule
  var parser: EventParser
  var watchdog: IdleWatchdog
  /// The sink has no room.
  var isFull = false
  var overflow: EventSourceError?
  var timer: IOTimer!
  private var keptAlive: Session?

  enum Phase {
    case idle
    case preparing(Task<Void, Never>)
    case attempting(Attempt)
    case waiting
    case ended
  }

  init(_ source: EventSource, _ sink: any EventSink, on engine: CurlMulti) {
    self.source = source
    self.sink = sink
    self.engine = engine
    schedule = ReconnectionSchedule(source.reconnection, at: engine.now)
    hasValidID = source.lastEventID.utf8.allSatisfy { $0 != 0 && $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    parser = EventParser(lastEventID: hasValidID ? source.lastEventID : "", maxEventBytes: max(1, source.maxEventBytes))
    watchdog = IdleWatchdog(source.idleTimeout)
    timer = IOTimer(on: engine.io) { [unowned self] in timeIsUp() }
  }

  // MARK: Any thread

  func start() {
    engine.io.perform { [self] in
      // A cancel on the queue itself may overtake a start from elsewhere.
      guard case .idle = phase else { return }
      keptAlive = self
      guard hasValidID else { return end(.failure(.invalidRequest("the last event ID holds a line break or a NUL"))) }
      connect()
    }
  }

  func cancel() {
    guard !cancelled.exchange(true, ordering: .acquiringAndReleasing) else { return }
    engine.io.perform { [self] in end(.success(.cancelled)) }
  }

  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  // MARK: Attempts

  private func connect() {
    guard !isCancelled else { return }
    schedule.attemptBegan()
    if let deadline = schedule.deadline {
      timer.schedule(after: ReconnectionSchedule.time(from: engine.now, until: deadline))
    }
    let attempt = schedule.attempts
    sink?.changed(to: .connecting(attempt: attempt))
    guard let prepare = source.prepare else { return send(source.request) }
    phase = .preparing(
      Task { [self, request = source.request] in
        let prepared: Result<EventSource.Request, EventSourceError>
        do {
          prepared = .success(try await prepare(request, attempt))
        } catch {
          prepared = .failure(error as? EventSourceError ?? .preparationFailed("\(error)"))
        }
        engine.io.perform { self.finishedPreparing(prepared) }
      })
  }

  private func finishedPreparing(_ prepared: Result<EventSource.Request, EventSourceError>) {
    // A preparation is left by its own end, or by the end of all.
    guard case .preparing = phase else { return }
    switch prepared {
    case .success(let request): send(request)
    case .failure(let error): failed(error)
    }
  }

  private func send(_ request: EventSource.Request) {
    guard !isCancelled else { return }
    let attempt = Attempt(
      request, lastEventID: parser.lastEventID, isFresh: schedule.needsNewConnection, for: self, on: engine)
    phase = .attempting(attempt)
    do throws(EventSourceError) {
      try attempt.start()
    } catch {
      failed(error)
    }
  }

  func attemptEnded(_ end: Attempt.End) {
    timer.cancel()
    guard !isCancelled else { return }
    switch end {
    case .noContent:
      self.end(.success(.noContent))
    case .failed(let error):
      failed(overflow ?? error)
    case .whole(let body):
      schedule.opened(at: engine.now)
      // Said as an event stream would have said it.
      let data = String(decoding: body, as: UTF8.self)
      if let event = try? ServerSentEvent(data: data, id: parser.lastEventID) {
        EventEncoder.encode(event).withUnsafeBytes { handOver($0) }
      }
      failed(overflow ?? .streamEnded)
    }
  }

  func failed(_ error: EventSourceError) {
    parser.endOfStream()
    guard !isCancelled else { return }
    switch schedule.next(after: error, at: engine.now, chance: .random(in: 0..<1)) {
    case .giveUp(let error):
      end(.failure(error))
    case .wait(let delay):
      phase = .waiting
      sink?.changed(to: .waiting(delay, because: error))
      timer.schedule(after: delay)
    }
  }

  private func end(_ result: Result<EventSource.End, EventSourceError>) {
    switch phase {
    case .ended: return
    case .preparing(let task): task.cancel()
    case .attempting(let attempt): attempt.abort()
    case .idle, .waiting: break
    }
    phase = .ended
    timer.cancel()
    // A cancel that came while this was on its way has the last word; its own `end` finds nothing left to do.
    sink?.ended(isCancelled ? .success(.cancelled) : result)
    sink = nil
    keptAlive = nil
  }

  private func timeIsUp() {
    switch phase {
    case .waiting: connect()
    case .preparing: failed(.preparationFailed("it took too long"))
    case .attempting(let attempt): attempt.isOpen ? watchSilence() : attempt.timeIsUp()
    case .idle, .ended: break
    }
  }
}
