internal import IOQueue

/// How long finished jobs are kept, and the ids of those that are gone.
///
/// Lives under the table's lock.
final class Retention {
  private let time: Duration
  private let memory: Int
  private let remove: (Job) -> Void

  /// Jobs in the order in which their time is over, if they are sorted; those before `start` are gone.
  private var finished: [(job: Job?, end: UInt64)] = []
  private var start = 0
  private var isSorted = true
  /// When the first one's is.
  private var next = UInt64.max
  /// The ids, and their order: a ring once it is full.
  private var gone: Set<String> = []
  private var order: [String] = []
  private var oldest = 0
  private var timer: TableTimer!

  /// - Parameter memory: how many ids of jobs that are gone are remembered.
  init(of time: Duration, remembering memory: Int, under lock: TableLock, remove: @escaping (Job) -> Void) {
    self.time = time
    self.memory = memory
    self.remove = remove
    timer = TableTimer(lock) { [weak self] in self?.removeDue() }
  }

  func remembers(_ id: String) -> Bool { gone.contains(id) }

  /// The job has finished, so long ago: its time began then.
  func begin(_ job: Job, ago age: Duration = .zero) {
    let rest = max(time - age, .zero)
    let end = Monotonic.now &+ rest.nanoseconds
    if let last = finished.last, end < last.end { isSorted = false }
    finished.append((job, end))
    guard end < next else { return }
    next = end
    timer.schedule(after: rest)
  }

  private func removeDue() {
    let now = Monotonic.now
    if !isSorted {
      finished[start...].sort { $0.end < $1.end }
      isSorted = true
    }
    while start < finished.count, finished[start].end <= now {
      guard let job = finished[start].job else { break }
      finished[start].job = nil
      start += 1
      remember(job.id)
      remove(job)
    }
    if start > finished.count / 2 {
      finished.removeFirst(start)
      start = 0
    }
    next = start < finished.count ? finished[start].end : .max
    if next < .max { timer.schedule(after: .nanoseconds(Int64(next - now))) }
  }

  private func remember(_ id: String) {
    guard memory > 0 else { return }
    gone.insert(id)
    if order.count < memory {
      order.append(id)
    } else {
      gone.remove(order[oldest])
      order[oldest] = id
      oldest = (oldest + 1) % memory
    }
  }
}
