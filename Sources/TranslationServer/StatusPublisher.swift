internal import EventStreamServer
internal import IOQueue
internal import TranslationAPI

/// Tells a channel the statuses of a job as they come about.
///
/// Lives on the server's queue.
// Sendable: touched on `queue` alone; the constants are Sendable.
final class StatusPublisher: @unchecked Sendable {
  let channel: EventChannel
  private let queue: IOQueue
  private let makeJob: @Sendable (_ start: Double) -> TranslationJob

  // On `queue`:
  private var job: TranslationJob?
  private var begin: UInt64 = 0
  private var published = 0
  private var last: StatusUpdate?
  // Weak: after the server's end the queue may outlive this for a moment.
  private lazy var timer = IOTimer(on: queue) { [weak self] in self?.publishDue() }

  init(to channel: EventChannel, on queue: IOQueue, _ makeJob: @escaping @Sendable (_ start: Double) -> TranslationJob)
  {
    self.channel = channel
    self.queue = queue
    self.makeJob = makeJob
  }

  /// The status now. The first to ask starts the job.
  var latest: StatusUpdate {
    if let last { return last }
    start()
    return last!
  }

  /// Starts the job, once.
  func start() {
    queue.assertCurrent()
    guard job == nil else { return }
    begin = Monotonic.now
    job = makeJob(WallClock.now)
    publishDue()
  }

  private func publishDue() {
    guard let job else { return }
    // The job's time goes on with the clock that never jumps, from where the wall clock stood at its start.
    let elapsed = Double(Monotonic.now - begin) / 1e9
    let time = max(job.start, job.start + elapsed)
    let due = job.updateCount(by: time)
    while published < due {
      publish(job.update(published))
      published += 1
    }
    guard published < job.updateCount else { return channel.finish() }
    timer.schedule(after: .seconds(job.update(published).timestamp - time))
  }

  /// Publishes with a timestamp that is not ahead of the wall clock, even if that was set back meanwhile.
  private func publish(_ update: StatusUpdate) {
    let update = StatusUpdate(
      status: update.status, timestamp: min(update.timestamp, WallClock.now), progress: update.progress,
      message: update.message)
    last = update
    channel.publish(update.json)
  }
}
