import Dispatch

/// How long any wait in a test lasts before it fails with a sentence. Generous: it ends what hangs, it measures nothing.
package let safetyLimit: Duration = .seconds(20)

/// A wait that nothing fulfilled in time.
package struct WaitError: Error, CustomStringConvertible {
  /// What was waited for, how long, and what there was instead.
  package let description: String
}

/// A value that threads change and that tests wait for, without a sleep and without blocking a thread.
///
/// Any thread and any task may call any member.
///
///     let count = Watched(0)
///     count.update { $0 += 1 }                                    // any thread
///     try await count.wait(for: "a first event") { $0 > 0 ? () : nil }
package final class Watched<State: Sendable>: Sendable {
  private struct Waiter {
    /// Tries the state; what it returns resumes the waiting task and is called once the lock is open again.
    let attempt: (inout State) -> (() -> Void)?
    let fail: (any Error) -> Void
  }

  private struct Inside {
    var state: State
    var waiters: [(id: Int, waiter: Waiter)] = []
    var lastID = 0
  }

  private let inside: Locked<Inside>

  package init(_ state: State) {
    inside = Locked(Inside(state: state))
  }

  /// The state at this moment.
  package var value: State { inside.withLock { $0.state } }

  /// Changes the state, then lets those who wait look at it, in the order in which they came.
  ///
  /// `change` runs under the lock: it may only touch the state.
  @discardableResult
  package func update<Result>(_ change: (inout State) -> Result) -> Result {
    let (result, resumptions) = inside.withLock { inside in
      let result = change(&inside.state)
      return (result, Self.attemptAll(&inside))
    }
    for resume in resumptions { resume() }
    return result
  }

  /// Suspends until `take` returns a value or throws, and returns or throws just that.
  ///
  /// `take` is tried at once and after each update, under the lock, for only so can it take something out of the
  /// state that no other waiter then gets.
  /// Throws `WaitError` after `limit`, and `CancellationError` when the task is cancelled.
  package func wait<Result: Sendable>(
    for what: String, within limit: Duration = safetyLimit,
    _ take: @escaping @Sendable (inout State) throws -> Result?
  ) async throws -> Result {
    let id = inside.withLock { inside in
      inside.lastID += 1
      return inside.lastID
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let waiter = Waiter(
          attempt: { state in
            do {
              guard let result = try take(&state) else { return nil }
              return { continuation.resume(returning: result) }
            } catch {
              return { continuation.resume(throwing: error) }
            }
          },
          fail: { continuation.resume(throwing: $0) })
        enlist(waiter, id: id, for: what, within: limit)
      }
    } onCancel: {
      giveUp(id) { _ in CancellationError() }
    }
  }

  private func enlist(_ waiter: Waiter, id: Int, for what: String, within limit: Duration) {
    let resumptions = inside.withLock { inside in
      inside.waiters.append((id, waiter))
      return Self.attemptAll(&inside)
    }
    for resume in resumptions { resume() }
    // A cancellation that came before the waiter stood in the list found nobody to tell.
    if Task.isCancelled { giveUp(id) { _ in CancellationError() } }
    let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) / 1e18
    // Strongly: the leak sanitizer takes what a weak reference needs for a leak while it waits.
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) {
      self.giveUp(id) { state in
        WaitError(description: "waited \(seconds) s for \(what); there was: \(String(describing: state).prefix(600))")
      }
    }
  }

  private func giveUp(_ id: Int, _ error: (State) -> any Error) {
    let found = inside.withLock { inside -> (Waiter, State)? in
      guard let index = inside.waiters.firstIndex(where: { $0.id == id }) else { return nil }
      return (inside.waiters.remove(at: index).waiter, inside.state)
    }
    if let (waiter, state) = found { waiter.fail(error(state)) }
  }

  private static func attemptAll(_ inside: inout Inside) -> [() -> Void] {
    var resumptions: [() -> Void] = []
    var waiting: [(id: Int, waiter: Waiter)] = []
    for entry in inside.waiters {
      if let resume = entry.waiter.attempt(&inside.state) { resumptions.append(resume) } else { waiting.append(entry) }
    }
    inside.waiters = waiting
    return resumptions
  }
}
