internal import CLinuxIO
internal import Glibc

/// A serial queue that waits for sockets and timers through one epoll set.
///
/// Both engines live on one: whatever runs on it may touch the engine's state, nothing else may, so that none of it needs
/// a lock. It has a thread of its own, which waits for the whole set: a wake is the return of a system call. A
/// `DispatchSource` for each socket would be the obvious way and is wrong on Linux: libdispatch keys its epoll
/// registrations by descriptor number and forgets to register a number that was closed and opened again, which is what
/// libcurl does all the time (https://github.com/swiftlang/swift-corelibs-libdispatch/issues/833). One for the whole set
/// would do, and takes two other threads for each wake.
///
/// `perform`, `sync`, `isCurrent` and `close` may be called from any thread; everything else only on the queue.
// Sendable: the stored properties below are constant, or touched on the queue alone, which `assertCurrent` checks.
package final class IOQueue: @unchecked Sendable {
  private let set: EpollSet
  private let thread: QueueThread

  // On the queue:
  private var watches = WatchTable()
  private var timers: TimerQueue
  /// After `close` the numbers of the descriptors may be someone else's.
  private var isClosed = false
  /// When the queue last woke up for descriptors or timers, on the monotonic clock.
  package private(set) var turn: UInt64 = Monotonic.now

  /// Throws if the process has no descriptor left.
  package init(label: String) throws(IOError) {
    let set = try EpollSet()
    do throws(IOError) {
      let timers = try TimerQueue()
      // The thread must not keep the queue that keeps it.
      let this = WeakQueue()
      do throws(IOError) {
        thread = try QueueThread(label, set, closing: [set.descriptor, timers.descriptor]) { this.queue?.handle($0) }
      } catch {
        Glibc.close(timers.descriptor)
        throw error
      }
      self.timers = timers
      self.set = set
      this.queue = self
    } catch {
      Glibc.close(set.descriptor)
      throw error
    }
    _ = set.control(EPOLL_CTL_ADD, timers.descriptor, .readable, key: WatchTable.timerKey)
  }

  deinit { thread.stop() }

  /// Runs `work` on the queue, after what was handed over before it by the same thread. From any thread.
  package func perform(_ work: @escaping @Sendable () -> Void) { thread.perform(work) }

  /// Runs `work` on the queue and waits for it. From any thread but the queue's.
  package func sync<Result>(_ work: @escaping () -> Result) -> Result {
    precondition(!isCurrent, "to wait for the queue on the queue would be to wait for ever")
    var result: Result?
    thread.sync { result = work() }
    return result!
  }

  /// Whether the caller runs on the queue.
  package var isCurrent: Bool { thread.isCurrent }

  /// Traps, in a debug build, a caller that is not on the queue.
  package func assertCurrent() {
    assert(isCurrent, "engine state was touched outside its queue")
  }

  /// Ends every watch and timer and gives the descriptors back; later ones are never called. A second call does nothing.
  package func close() {
    perform { [self] in
      isClosed = true
      watches.removeAll()
      timers.removeAll()
      thread.stop()
    }
  }

  // MARK: Descriptors

  /// Tells `handler` whenever one of `events` holds for `descriptor`; again with other events, or another handler,
  /// replaces the first. Errors and hang-ups are reported whether asked for or not. The handler is kept until
  /// `unwatch`, which has to come before the descriptor is closed.
  ///
  /// - Returns: false if the system refused (no memory, or not a descriptor that can be waited for).
  @discardableResult
  package func watch(_ descriptor: Int32, for events: IOEvents, _ handler: any IOHandler) -> Bool {
    assertCurrent()
    guard !isClosed else { return false }
    let (key, known) = watches.insert(handler, at: descriptor)
    if set.control(known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, events, key: key) { return true }
    // The number was closed and opened again without `unwatch`, or came back before we forgot it: both are libcurl's
    // right, and the kernel's view of the number is the one that counts.
    if errno == ENOENT, set.control(EPOLL_CTL_ADD, descriptor, events, key: key) { return true }
    if errno == EEXIST, set.control(EPOLL_CTL_MOD, descriptor, events, key: key) { return true }
    watches.remove(descriptor)
    return false
  }

  /// Ends a watch; nothing is reported for the descriptor after it, not even what the kernel has ready already.
  /// Without a watch it does nothing.
  package func unwatch(_ descriptor: Int32) {
    assertCurrent()
    guard watches.remove(descriptor) else { return }
    _ = set.control(EPOLL_CTL_DEL, descriptor, [], key: 0)
  }

  // MARK: Timers

  func schedule(_ timer: IOTimer, at deadline: UInt64) {
    assertCurrent()
    guard !isClosed else { return }
    timers.schedule(timer, at: deadline)
  }

  func cancel(_ timer: IOTimer) {
    assertCurrent()
    timers.cancel(timer)
  }

  private func fireTimers() {
    timers.acknowledge()
    let now = Monotonic.now
    while let timer = timers.popDue(at: now) { timer.action() }
    timers.arm(lazily: false)
  }

  // MARK: The loop

  private func handle(_ count: Int) {
    turn = Monotonic.now
    for index in 0..<count { dispatch(set.events[index]) }
  }

  private func dispatch(_ event: epoll_event) {
    let key = event.data.u64
    if key == WatchTable.timerKey {
      fireTimers()
    } else if key != QueueThread.bellKey, let (descriptor, handler) = watches.handler(for: key) {
      handler.ready(descriptor, IOEvents(rawValue: event.events))
    }
  }
}

/// Whom a thread has turns for.
// Sendable: written once, before the thread can have a turn; weak references are atomic.
private final class WeakQueue: @unchecked Sendable {
  weak var queue: IOQueue?
}

/// Whoever waits for a descriptor. Called on the queue.
package protocol IOHandler: AnyObject {
  func ready(_ descriptor: Int32, _ events: IOEvents)
}

/// A system call that was refused.
package struct IOError: Error, CustomStringConvertible {
  package let code: Int32
  package let description: String

  package init(_ code: Int32, doing action: String) {
    self.code = code
    description = "cannot \(action): \(String(cString: strerror(code)))"
  }
}
