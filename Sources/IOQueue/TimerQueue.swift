internal import CLinuxIO
internal import Glibc

/// The pending timers, the next one first, and the one timerfd that wakes the queue for it.
///
/// A binary heap in which each timer knows its place, so that moving or cancelling one of n costs log n.
struct TimerQueue {
  let descriptor: Int32
  private var heap: [IOTimer] = []
  /// What the timerfd is set to; nil when it is off.
  private var armed: UInt64?

  init() throws(IOError) {
    descriptor = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
    guard descriptor >= 0 else { throw IOError(errno, doing: "create a timer") }
  }

  mutating func schedule(_ timer: IOTimer, at deadline: UInt64) {
    timer.deadline = deadline
    if let position = timer.position {
      settle(from: position)
    } else {
      heap.append(timer)
      timer.position = heap.count - 1
      settle(from: heap.count - 1)
    }
    arm(lazily: true)
  }

  mutating func cancel(_ timer: IOTimer) {
    guard let position = timer.position else { return }
    remove(at: position)
    arm(lazily: true)
  }

  mutating func removeAll() {
    for timer in heap { timer.position = nil }
    heap = []
    arm(lazily: false)
  }

  /// The timers due at `now`, taken out one at a time: an action may schedule and cancel others.
  mutating func popDue(at now: UInt64) -> IOTimer? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    remove(at: 0)
    return first
  }

  /// Clears the timerfd's count, which epoll would report again and again.
  mutating func acknowledge() {
    var expirations: UInt64 = 0
    _ = read(descriptor, &expirations, MemoryLayout.size(ofValue: expirations))
    armed = nil
  }

  /// Sets the timerfd to the first deadline. A lazy caller leaves it alone if it fires before that: one early wake
  /// costs less than a system call each time a deadline moves further off.
  mutating func arm(lazily: Bool) {
    let next = heap.first?.deadline
    if lazily, let armed, next == nil || armed <= next! { return }
    guard next != armed else { return }
    armed = next
    // A time of zero would switch the timer off.
    let time = max(next ?? 0, next == nil ? 0 : 1)
    var setting = itimerspec()
    setting.it_value = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
    timerfd_settime(descriptor, Int32(TFD_TIMER_ABSTIME), &setting, nil)
  }

  // MARK: The heap

  private mutating func remove(at position: Int) {
    heap[position].position = nil
    let last = heap.removeLast()
    guard position < heap.count else { return }
    heap[position] = last
    last.position = position
    settle(from: position)
  }

  /// Moves the timer at `position` up or down to where its deadline belongs.
  private mutating func settle(from position: Int) {
    var position = position
    while position > 0, heap[position].deadline < heap[(position - 1) / 2].deadline {
      exchange(position, (position - 1) / 2)
      position = (position - 1) / 2
    }
    while true {
      var least = position
      for child in [2 * position + 1, 2 * position + 2]
      where child < heap.count && heap[child].deadline < heap[least].deadline {
        least = child
      }
      guard least != position else { return }
      exchange(position, least)
      position = least
    }
  }

  private mutating func exchange(_ a: Int, _ b: Int) {
    heap.swapAt(a, b)
    heap[a].position = a
    heap[b].position = b
  }
}
