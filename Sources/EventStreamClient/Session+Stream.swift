internal import EventStream
internal import IOQueue

/// What an open stream brings, and its silence.
extension Session {
  /// Called within libcurl.
  ///
  /// - Returns: whether the stream is still wanted.
  func opened(_ response: Response) -> Bool {
    guard !isCancelled else { return false }
    let now = engine.now
    schedule.opened(at: now)
    timer.cancel()
    watchdog.opened(at: now)
    watchSilence()
    sink?.changed(to: .open(response))
    return !isCancelled
  }

  /// Called within libcurl.
  func received(_ chunk: UnsafeRawBufferPointer) -> ChunkVerdict {
    guard !isCancelled else { return .refused }
    guard !isFull else { return .later }
    watchdog.byteCame(at: engine.turn)
    handOver(chunk)
    return isCancelled || overflow != nil ? .refused : .taken
  }

  /// Gives the sink what a chunk holds, whether or not it has room.
  func handOver(_ chunk: UnsafeRawBufferPointer) {
    guard let sink else { return }
    let time = WallClock.now
    do throws(EventTooLarge) {
      try parser.feed(chunk) { item in
        if !isCancelled { receive(item, at: time, sink) }
      }
    } catch {
      // Those before it have come.
      overflow = .eventTooLarge(limit: source.maxEventBytes)
    }
    switch sink.endedChunk() {
    case .more: break
    case .pause: isFull = true
    case .stop: cancel()
    }
  }

  private func receive(_ item: borrowing EventStreamItem, at time: Double, _ sink: any EventSink) {
    switch item {
    case .event(let event):
      schedule.eventCame()
      sink.received(event, at: time)
    case .comment(let comment):
      watchdog.commentCame()
      if !timer.isScheduled { watchSilence() }
      sink.received(comment: comment)
    case .reconnectionTime(let milliseconds):
      schedule.serverSet(milliseconds: milliseconds)
    }
  }

  /// The sink has room again.
  func resume() {
    engine.io.perform { [self] in
      guard isFull else { return }
      isFull = false
      watchdog.resumed(at: engine.now)
      if case .attempting(let attempt) = phase { attempt.resume() }
    }
  }

  /// Ends a stream that has been silent for too long, or looks at it again when it could be.
  func watchSilence() {
    guard case .attempting(let attempt) = phase else { return }
    switch watchdog.judge(at: engine.now, isPaused: isFull) {
    case .fine(let time?): timer.schedule(after: time, tolerance: min(time / 20, .seconds(1)))
    case .fine(nil): break
    case .suspect(let time): timer.schedule(after: time)
    case .dead:
      attempt.abort()
      failed(.timedOut(.bytes))
    }
  }
}
