internal import IOQueue

/// How long finished jobs are kept, and the ids of those that are gone.
///
/// Lives under the table's lock.
final class Retention {
  private let time: Duration
  private let memory: Int
  private let remove: (Job) -> Void

  /// Jobs in the order in which their time is over; those before `start` are gone.
  private var finished: [(job: Job?, end: UInt64)] = []
  private var start = 0
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

  /// The job has finished: its time begins. One that is begun later ends later.
  func begin(_ job: Job) {
    finished.append((job, Monotonic.now &+ time.nanoseconds))
    if !timer.isScheduled { timer.schedule(after: time) }
  }

  private func removeDue() {
    let now = Monotonic.now
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
    if start < finished.count { timer.schedule(after: .nanoseconds(Int64(finished[start].end - now))) }
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
