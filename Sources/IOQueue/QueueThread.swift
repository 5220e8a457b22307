internal import CLinuxIO
internal import Dispatch
internal import Glibc
internal import Synchronization

/// The thread of an `IOQueue`: gives it its turns, and runs what is performed on it in between, one at a time.
///
/// Any thread, but for `stop`. It lives until it is stopped.
// Sendable: what is not behind the lock or atomic is touched on the thread alone.
final class QueueThread: @unchecked Sendable {
  private let set: EpollSet
  private let descriptors: [Int32]
  private let turn: @Sendable (Int) -> Void
  /// Rings when somebody else has work for the thread.
  private let bell: Int32
  /// Runs what is performed after the thread's end.
  private let afterwards: DispatchQueue

  private struct Inbox {
    var work: [@Sendable () -> Void] = []
    var hasEnded = false
  }
  private let inbox = Locked(Inbox())
  private let hasMail = Atomic<Bool>(false)
  private let isStopped = Atomic<Bool>(false)

  // On the thread:
  private var local: [@Sendable () -> Void] = []

  /// Which queue's thread, or queue afterwards, this is.
  private static let current: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()
  private let onQueue = DispatchSpecificKey<Void>()

  static let bellKey = UInt64.max - 1

  /// - Parameters:
  ///   - closing: descriptors to be closed at the end.
  ///   - turn: to be called with how many of the set are ready.
  init(
    _ label: String, _ set: EpollSet, closing descriptors: [Int32], turn: @escaping @Sendable (Int) -> Void
  ) throws(IOError) {
    self.set = set
    self.descriptors = descriptors
    self.turn = turn
    bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard bell >= 0 else { throw IOError(errno, doing: "create an event") }
    afterwards = DispatchQueue(label: label)
    afterwards.setSpecific(key: onQueue, value: ())
    // By edges, of which each ringing is one: nobody has to read it.
    _ = set.control(EPOLL_CTL_ADD, bell, [.readable, .edge], key: Self.bellKey)
    do throws(IOError) {
      try DetachedThread.start { [self] in run() }
    } catch {
      close(bell)
      throw error
    }
  }

  var isCurrent: Bool {
    pthread_getspecific(Self.current) == Unmanaged.passUnretained(self).toOpaque()
      || DispatchQueue.getSpecific(key: onQueue) != nil
  }

  func perform(_ work: @escaping @Sendable () -> Void) {
    if pthread_getspecific(Self.current) == Unmanaged.passUnretained(self).toOpaque() {
      local.append(work)
      return
    }
    inbox.withLock { inbox in
      if inbox.hasEnded { return afterwards.async(execute: work) }
      inbox.work.append(work)
      guard inbox.work.count == 1 else { return }
      hasMail.store(true, ordering: .releasing)
      ring()
    }
  }

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

  /// No turn comes after it, and the descriptors are closed; what is performed still runs. Called on the queue, or when
  /// nobody has it any more.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    inbox.withLock { inbox in if !inbox.hasEnded { ring() } }
  }

  /// Under the lock, and before the thread's end: after it the number may be another descriptor's.
  private func ring() {
    var one: UInt64 = 1
    _ = write(bell, &one, MemoryLayout.size(ofValue: one))
  }

  // MARK: The thread

  private func run() {
    pthread_setspecific(Self.current, Unmanaged.passUnretained(self).toOpaque())
    // Signals are for the program's threads; and a write to a peer that is gone is an error here, whatever the program
    // does with SIGPIPE.
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    while !isStopped.load(ordering: .acquiring) {
      let count = set.wait(forever: local.isEmpty)
      if count > 0 { turn(count) }
      runWork()
    }
    end()
  }

  /// Runs what there is; what that brings about has its turn after a look at the descriptors.
  private func runWork() {
    var work = local
    local = []
    if hasMail.exchange(false, ordering: .acquiring) {
      work += inbox.withLock { inbox in
        defer { inbox.work = [] }
        return inbox.work
      }
    }
    for work in work { work() }
  }

  private func end() {
    inbox.withLock { inbox in
      inbox.hasEnded = true
      for work in local + inbox.work { afterwards.async(execute: work) }
      inbox.work = []
    }
    local = []
    pthread_setspecific(Self.current, nil)
    for descriptor in descriptors + [bell] { close(descriptor) }
  }
}
