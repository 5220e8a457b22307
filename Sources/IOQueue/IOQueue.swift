internal import CLinuxIO
package import Dispatch
internal import Glibc

/// A serial Dispatch queue that waits for sockets and timers through one epoll set behind one `DispatchSource`.
///
/// Both engines live on one: whatever runs on `queue` may touch the engine's state, nothing else may, so that none of
/// it needs a lock. A source for each socket would be the obvious way and is wrong on Linux: libdispatch keys its epoll
/// registrations by descriptor number and forgets to register a number that was closed and opened again, which is what
/// libcurl does all the time (https://github.com/swiftlang/swift-corelibs-libdispatch/issues/833). Here the one
/// descriptor that Dispatch knows stays open as long as the queue lives.
///
/// `perform`, `isCurrent` and `close` may be called from any thread; everything else only on `queue`.
// Sendable: the stored properties below are constant, or touched on `queue` alone, which `assertCurrent` checks.
package final class IOQueue: @unchecked Sendable {
  package let queue: DispatchQueue

  private let epoll: Int32
  private let source: any DispatchSourceRead
  private let onQueue = DispatchSpecificKey<Void>()

  // On `queue`:
  private var watches = WatchTable()
  private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: IOQueue.batch)
  private var timers: TimerQueue
  /// After `close` the numbers of the descriptors may be someone else's.
  private var isClosed = false
  /// When the queue last woke up for descriptors or timers, on the monotonic clock.
  package private(set) var turn: UInt64 = Monotonic.now

  /// How many ready descriptors one system call can report.
  private static let batch = 256
  /// How often one wake looks for more before it goes back to Dispatch, whose round trip costs more than a look.
  private static let roundsPerWake = 4

  /// Throws if the process has no descriptor left.
  package init(label: String) throws(IOError) {
    let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw IOError(errno, doing: "create an epoll set") }
    do {
      timers = try TimerQueue()
    } catch {
      Glibc.close(epoll)
      throw error
    }
    let timerDescriptor = timers.descriptor
    self.epoll = epoll
    queue = DispatchQueue(label: label)
    source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
    queue.setSpecific(key: onQueue, value: ())
    // The descriptors outlive every use that Dispatch may still make of them.
    source.setCancelHandler {
      Glibc.close(epoll)
      Glibc.close(timerDescriptor)
    }
    source.setEventHandler { [weak self] in self?.wake() }
    var event = epoll_event(events: IOEvents.readable.rawValue, data: epoll_data_t(u64: WatchTable.timerKey))
    epoll_ctl(epoll, EPOLL_CTL_ADD, timerDescriptor, &event)
    source.activate()
  }

  deinit {
    source.cancel()
    events.deallocate()
  }

  /// Runs `work` on the queue, after what was handed over before it. From any thread.
  package func perform(_ work: @escaping @Sendable () -> Void) {
    queue.async(execute: work)
  }

  /// Whether the caller runs on the queue.
  package var isCurrent: Bool { DispatchQueue.getSpecific(key: onQueue) != nil }

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
      source.cancel()
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
    var event = epoll_event(events: events.rawValue, data: epoll_data_t(u64: key))
    if epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) == 0 { return true }
    // The number was closed and opened again without `unwatch`, or came back before we forgot it: both are libcurl's
    // right, and the kernel's view of the number is the one that counts.
    if errno == ENOENT, epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 { return true }
    if errno == EEXIST, epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0 { return true }
    watches.remove(descriptor)
    return false
  }

  /// Ends a watch; nothing is reported for the descriptor after it, not even what the kernel has ready already.
  /// Without a watch it does nothing.
  package func unwatch(_ descriptor: Int32) {
    assertCurrent()
    guard watches.remove(descriptor) else { return }
    epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
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

  private func wake() {
    for _ in 0..<Self.roundsPerWake {
      let count = Int(epoll_wait(epoll, events, Int32(Self.batch), 0))
      guard count > 0 else { return }
      turn = Monotonic.now
      for index in 0..<count { dispatch(events[index]) }
    }
  }

  private func dispatch(_ event: epoll_event) {
    let key = event.data.u64
    if key == WatchTable.timerKey {
      fireTimers()
    } else if let (descriptor, handler) = watches.handler(for: key) {
      handler.ready(descriptor, IOEvents(rawValue: event.events))
    }
  }
}

/// What a descriptor can be watched for, and what is then reported of it.
package struct IOEvents: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let readable = IOEvents(rawValue: EPOLLIN.rawValue)
  package static let writable = IOEvents(rawValue: EPOLLOUT.rawValue)
  /// The peer has closed its sending side.
  package static let peerClosed = IOEvents(rawValue: EPOLLRDHUP.rawValue)
  package static let hangUp = IOEvents(rawValue: EPOLLHUP.rawValue)
  package static let error = IOEvents(rawValue: EPOLLERR.rawValue)
  /// Report once, then stay silent until watched again.
  package static let once = IOEvents(rawValue: EPOLLONESHOT.rawValue)
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
