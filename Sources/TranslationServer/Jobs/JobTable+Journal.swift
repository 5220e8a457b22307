internal import TranslationAPI

extension JobTable {
  /// Takes up what the journal tells of an earlier life: every translation with its latest status. Workers and watchers
  /// go on as if nothing had been, but for the event ids, which are new.
  func restore() throws(Journal.Failure) {
    guard let journal else { return }
    var made: [String: (created: Double, new: NewTranslation, key: String?)] = [:]
    var latest: [String: StatusUpdate] = [:]
    var order: [String] = []
    for record in try journal.records() {
      switch record {
      case .made(let id, let created, let new, let key):
        made[id] = (created, new, key)
        order.append(id)
      case .status(let update):
        latest[update.job!] = update
      case .removed(let id):
        made[id] = nil
        latest[id] = nil
      }
    }
    for id in order {
      guard let (created, new, key) = made.removeValue(forKey: id) else { continue }
      restore(id, new, created: created, idempotencyKey: key, latest: latest[id])
    }
    try journal.rewrite(present)
  }

  /// Writes a line, and all anew when most lines tell what is past.
  func record(_ record: Journal.Record) {
    guard let journal else { return }
    journal.append(record)
    // If it cannot be written anew, it goes on as it is.
    if journal.lines > 100_000 + 8 * count { try? journal.rewrite(present) }
  }

  /// What there is, in as few records as tell it.
  private var present: some Sequence<Journal.Record> {
    all.lazy.filter { !$0.isRemoved && !$0.isPinned }.flatMap { job -> [Journal.Record] in
      [
        .made(id: job.id, created: job.created, job.new, idempotencyKey: job.idempotencyKey),
        .status(job.latest),
      ]
    }
  }
}
