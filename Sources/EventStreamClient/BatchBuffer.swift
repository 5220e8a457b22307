internal import IOQueue

/// Between an engine that must not wait and one consumer that may take its time: elements are put in as they come and
/// taken out all at once, so that a lock is taken once for a batch and not for each element.
///
/// Safe from any thread; `take` is for one consumer at a time.
package final class BatchBuffer<Element: Sendable, Failure: Error>: Sendable {
  /// What the consumer gets.
  package enum Taken: Sendable {
    case batch([Element])
    /// The end, after the last batch; nil if nothing went wrong. Every later take gets it again.
    case end(Failure?)
  }

  private struct State {
    var batch: [Element] = []
    var cost = 0
    var isFull = false
    var end: Taken?
    var consumer: (@Sendable (Taken) -> Void)?
  }

  private let state = Locked(State())
  private let capacity: Int

  /// - Parameter capacity: the sum of costs at which the producer is asked to stop.
  package init(capacity: Int) {
    self.capacity = capacity
  }

  /// Adds elements. After `finish` they are dropped.
  ///
  /// - Returns: whether there is room for more.
  package func put(_ elements: [Element], cost: Int) -> Bool {
    guard !elements.isEmpty else { return state.withLock { !$0.isFull } }
    let (hasRoom, consumer) = state.withLock { state -> (Bool, (@Sendable (Taken) -> Void)?) in
      guard state.end == nil else { return (true, nil) }
      if let consumer = state.consumer {
        state.consumer = nil
        return (true, consumer)
      }
      state.batch.append(contentsOf: elements)
      state.cost += cost
      state.isFull = state.cost >= capacity
      return (!state.isFull, nil)
    }
    consumer?(.batch(elements))
    return hasRoom
  }

  /// Ends the elements.
  ///
  /// - Parameter discarding: whether what was not taken yet is dropped; else it comes before the end.
  package func finish(_ failure: Failure?, discarding: Bool = false) {
    let consumer = state.withLock { state -> (@Sendable (Taken) -> Void)? in
      if discarding, !state.batch.isEmpty {
        // Not the end that stood behind them, for it would tell that nothing is missing.
        state.batch = []
        state.end = .end(failure)
      }
      guard state.end == nil else { return nil }
      state.end = .end(failure)
      defer { state.consumer = nil }
      return state.consumer
    }
    consumer?(.end(failure))
  }

  /// Hands the next batch, or the end, to `consumer`: at once if there is one, else when it comes, then on the
  /// producer's thread.
  ///
  /// - Returns: whether this made room that the producer waits for.
  package func take(_ consumer: @escaping @Sendable (Taken) -> Void) -> Bool {
    let (taken, wasFull) = state.withLock { state -> (Taken?, Bool) in
      if !state.batch.isEmpty {
        let batch = state.batch
        let wasFull = state.isFull
        state.batch = []
        state.cost = 0
        state.isFull = false
        return (.batch(batch), wasFull)
      }
      if let end = state.end { return (end, false) }
      precondition(state.consumer == nil, "two consumers wait for the same events: give each a sequence of its own")
      state.consumer = consumer
      return (nil, false)
    }
    if let taken { consumer(taken) }
    return wasFull
  }
}
