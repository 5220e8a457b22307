internal import Dispatch
internal import Glibc

/// Gives an `IOQueue` its turns, and runs what is performed on it in between, one at a time.
///
/// Any thread, but for `stop`.
protocol QueueDriver: AnyObject, Sendable {
  var isCurrent: Bool { get }
  func perform(_ work: @escaping @Sendable () -> Void)
  /// No turn comes after it, and the descriptors are closed once nobody uses them; what is performed still runs. Called
  /// on the queue, or when nobody has it any more.
  func stop()
}

extension QueueDriver {
  /// Runs `work` and waits for it. Not on the queue itself.
  func sync(_ work: @escaping () -> Void) {
    let isDone = DispatchSemaphore(value: 0)
    // The caller is out of the way until it is done.
    nonisolated(unsafe) let work = work
    perform {
      work()
      isDone.signal()
    }
    isDone.wait()
  }
}

/// On a Dispatch queue, woken by one source for the whole set.
///
/// No thread is its own while it waits; each wake takes two others.
// Sendable: Dispatch's objects are.
final class DispatchDriver: QueueDriver, @unchecked Sendable {
  private let queue: DispatchQueue
  private let source: any DispatchSourceRead
  private let onQueue = DispatchSpecificKey<Void>()

  /// - Parameters:
  ///   - closing: descriptors to be closed at the end.
  ///   - turn: to be called when something is ready.
  init(_ label: String, _ set: EpollSet, closing descriptors: [Int32], turn: @escaping @Sendable () -> Void) {
    queue = DispatchQueue(label: label)
    source = DispatchSource.makeReadSource(fileDescriptor: set.descriptor, queue: queue)
    queue.setSpecific(key: onQueue, value: ())
    // The descriptors outlive every use that Dispatch may still make of them.
    source.setCancelHandler { for descriptor in descriptors { close(descriptor) } }
    source.setEventHandler { turn() }
    source.activate()
  }

  var isCurrent: Bool { DispatchQueue.getSpecific(key: onQueue) != nil }

  func perform(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

  func stop() { source.cancel() }
}
