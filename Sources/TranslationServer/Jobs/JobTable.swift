internal import EventStreamServer
internal import IOQueue
internal import TranslationAPI

/// All translations of a server, each under its id.
///
/// Lives under the table's lock.
final class JobTable {
  struct Limits {
    /// Jobs that are kept, the finished ones too.
    var jobs = 100_000
    /// How long a finished one is.
    var retention: Duration = .seconds(3600)
    /// Lines that the journal may have beyond eight for each.
    var journalSlack = 100_000
  }

  enum Creation {
    case made(Job)
    /// The key is that of a job that was made from the same request.
    case known(Job)
    /// The key is that of another request.
    case keyInUse
    case full
  }

  enum Lookup {
    case job(Job)
    /// It was here, and its time is over.
    case gone
    case unknown
  }

  let hub: EventHub
  let limits: Limits
  private(set) var counts: [TranslationStatus: Int] = [:]

  private let lock: TableLock
  private var jobs: [String: Job] = [:]
  private var keys: [String: Job] = [:]
  /// By number, removed ones among them until they are most of all.
  private(set) var all: [Job] = []
  private var made: UInt64 = 0
  private var retention: Retention!
  private(set) var journal: JournalKeeper?

  init(
    hub: EventHub, under lock: TableLock, limits: Limits, journal: Journal?, onNotice: @escaping (String) -> Void
  ) {
    self.hub = hub
    self.lock = lock
    self.limits = limits
    // As many ids of jobs that are gone as there may be jobs.
    retention = Retention(of: limits.retention, remembering: limits.jobs, under: lock) { [weak self] job in
      self?.remove(job)
    }
    self.journal = journal.map { JournalKeeper($0, of: self, under: lock, onNotice: onNotice) }
  }

  var count: Int { jobs.count }

  func job(_ id: String) -> Job? { jobs[id] }

  func find(_ id: String) -> Lookup {
    if let job = jobs[id] { return .job(job) }
    return retention.remembers(id) ? .gone : .unknown
  }

  // MARK: Making

  func create(_ new: NewTranslation, idempotencyKey: String? = nil) -> Creation {
    if let idempotencyKey, let job = keys[idempotencyKey] { return job.new == new ? .known(job) : .keyInUse }
    guard jobs.count < limits.jobs else { return .full }
    return .made(begin(new, idempotencyKey: idempotencyKey, isPinned: false))
  }

  /// One that is kept for good.
  func pin(_ new: NewTranslation) -> Job { begin(new, isPinned: true) }

  private func begin(_ new: NewTranslation, idempotencyKey: String? = nil, isPinned: Bool) -> Job {
    let now = WallClock.now
    let job = insert(Job.makeID(), new, created: now, idempotencyKey: idempotencyKey, isPinned: isPinned)
    if !isPinned { journal?.record(.made(id: job.id, created: now, new, idempotencyKey: idempotencyKey)) }
    set(job, job.latest)
    if let simulated = new.simulation { simulate(job, simulated) }
    return job
  }

  private func insert(
    _ id: String, _ new: NewTranslation, created: Double, idempotencyKey: String?, isPinned: Bool
  ) -> Job {
    made += 1
    let job = Job(
      id: id, new, created: created, number: made,
      latest: StatusUpdate(status: .pending, timestamp: created, job: id), isPinned: isPinned,
      channel: hub.makeChannel())
    jobs[id] = job
    all.append(job)
    counts[.pending, default: 0] += 1
    if let idempotencyKey {
      job.idempotencyKey = idempotencyKey
      keys[idempotencyKey] = job
    }
    return job
  }

  /// One of an earlier life.
  func restore(
    _ id: String, _ new: NewTranslation, created: Double, idempotencyKey: String?, latest: StatusUpdate?
  ) {
    let job = insert(id, new, created: created, idempotencyKey: idempotencyKey, isPinned: false)
    let age = WallClock.now - (latest?.timestamp ?? created)
    adopt(job, latest ?? job.latest, ago: .seconds(min(max(age, 0), 1e12)))
    if let simulated = new.simulation, !job.latest.status.isFinal { simulate(job, simulated) }
  }

  private func simulate(_ job: Job, _ simulated: NewTranslation.Simulation) {
    let translation = SimulatedTranslation(
      start: job.created, duration: .seconds(simulated.seconds), steps: simulated.steps,
      outcome: simulated.failure.map { .failed(message: $0) } ?? .completed)
    // Unowned: the table owns the job, and the job its simulation.
    job.simulation = Simulation(of: translation, after: job.latest.timestamp, under: lock) {
      [unowned self, unowned job] update in
      let change = StatusChange(status: update.status, progress: update.progress, message: update.message)
      // With a timestamp that is not ahead of the wall clock, even if that was set back meanwhile.
      self.change(job, to: change, at: min(update.timestamp, WallClock.now))
      return !job.latest.status.isFinal
    }
  }

  // MARK: Changing

  /// - Returns: what became of it; nothing is published unless that is `next`.
  @discardableResult
  func change(_ job: Job, to change: StatusChange, at time: Double = WallClock.now) -> StatusRules.Verdict {
    let verdict = StatusRules.verdict(on: change, after: job.latest, at: time)
    if case .next(let update) = verdict { set(job, update) }
    return verdict
  }

  /// - Returns: false if it has another final status.
  func cancel(_ job: Job) -> Bool {
    if job.latest.status == .cancelled { return true }
    guard !job.latest.status.isFinal else { return false }
    let time = max(WallClock.now, job.latest.timestamp)
    set(job, StatusUpdate(status: .cancelled, timestamp: time, progress: job.latest.progress, job: job.id))
    return true
  }

  private func set(_ job: Job, _ update: StatusUpdate) {
    if !job.isPinned { journal?.record(.status(update)) }
    adopt(job, update)
  }

  /// - Parameter age: how long it has been so already.
  private func adopt(_ job: Job, _ update: StatusUpdate, ago age: Duration = .zero) {
    counts[job.latest.status, default: 0] -= 1
    counts[update.status, default: 0] += 1
    job.latest = update
    job.channel.publish(StatusEvent.json(of: update, sent: EventChannel.sendingTime), tellsSendingTime: true)
    guard update.status.isFinal else { return }
    job.channel.finish()
    job.simulation?.cancel()
    job.simulation = nil
    if !job.isPinned { retention.begin(job, ago: age) }
  }

  private func remove(_ job: Job) {
    journal?.record(.removed(id: job.id))
    jobs[job.id] = nil
    counts[job.latest.status, default: 0] -= 1
    if let key = job.idempotencyKey { keys[key] = nil }
    job.isRemoved = true
    hub.remove(job.channel)
    if all.count > 64, all.count > 2 * jobs.count { all.removeAll(where: \.isRemoved) }
  }
}
