internal import TranslationAPI

/// Writes to a journal what becomes of a table's translations, and makes up for what could not be written.
///
/// Lives under the table's lock.
final class JournalKeeper {
  private let journal: Journal
  private unowned let table: JobTable
  private let onNotice: (String) -> Void
  private var retry: TableTimer!
  /// What there is is not yet what the file tells of, which must not take that for all.
  private var isRestoring = false
  /// Why the file is not whole; nil if it is.
  private(set) var trouble: String?
  /// How long it has to be for another attempt to shorten it; nil if the last one went well.
  private var shortensAt: Int?

  private static let pause: Duration = .seconds(2)

  /// - Parameter onNotice: told when the journal cannot be written, and when it is whole again. Called under the lock.
  init(_ journal: Journal, of table: JobTable, under lock: TableLock, onNotice: @escaping (String) -> Void) {
    self.journal = journal
    self.table = table
    self.onNotice = onNotice
    retry = TableTimer(lock) { [weak self] in self?.rewrite() }
  }

  /// Lines that could not be written.
  var lost: UInt64 { journal.lost }

  /// Writes a line, and all anew before it when most lines tell what is past.
  func record(_ record: Journal.Record) {
    // Told at the end, with everything else.
    if isRestoring { return }
    if trouble == nil, journal.lines > shortensAt ?? (table.limits.journalSlack + 8 * table.count) { shorten() }
    journal.append(record)
    if let reason = journal.trouble { fail(reason) }
  }

  /// Takes up what the journal tells of an earlier life: every translation with its latest status. Workers and watchers
  /// go on as if nothing had been, but for the event ids, which are new.
  ///
  /// - Throws: if the file is no journal, or cannot be written for another reason than that there is no room.
  func restore() throws(Journal.Failure) {
    var made: [String: (created: Double, new: NewTranslation, key: String?)] = [:]
    var latest: [String: StatusUpdate] = [:]
    var order: [String] = []
    let (records, damaged) = try journal.records()
    for record in records {
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
    // Translations that are simulated go on as soon as they are there.
    isRestoring = true
    defer { isRestoring = false }
    for id in order {
      guard let (created, new, key) = made.removeValue(forKey: id) else { continue }
      table.restore(id, new, created: created, idempotencyKey: key, latest: latest[id])
    }
    do throws(Journal.Failure) {
      try journal.rewrite(present)
    } catch {
      guard error.isOfRoom else { throw error }
      fail(error.cause ?? error.reason)
    }
    if damaged > 0 {
      onNotice("\(damaged) damaged line\(damaged == 1 ? "" : "s") of the journal \(journal.path) had to be left out")
    }
  }

  /// Lets go of the file, for another server to take it up.
  func close() {
    retry.cancel()
    if trouble != nil { rewrite() }
    retry.cancel()
    journal.close()
  }

  /// Lines that tell what is past go. A file that cannot be shortened is as whole as before.
  private func shorten() {
    do throws(Journal.Failure) {
      try journal.rewrite(present)
      shortensAt = nil
    } catch {
      if shortensAt == nil {
        onNotice(
          "the journal \(journal.path) cannot be shortened (\(error.cause ?? error.reason)): it grows until it can")
      }
      shortensAt = journal.lines + journal.lines / 4
    }
  }

  private func rewrite() {
    do throws(Journal.Failure) {
      try journal.rewrite(present)
    } catch {
      return fail(error.cause ?? error.reason)
    }
    shortensAt = nil
    guard trouble != nil else { return }
    trouble = nil
    onNotice("the journal is whole again")
  }

  private func fail(_ reason: String) {
    if trouble == nil {
      onNotice(
        "the journal \(journal.path) cannot be written (\(reason)): until it can, nothing new outlives the server"
      )
    }
    trouble = reason
    if !retry.isScheduled { retry.schedule(after: Self.pause) }
  }

  /// What there is, in as few records as tell it.
  private var present: some Sequence<Journal.Record> {
    table.all.lazy.filter { !$0.isRemoved && !$0.isPinned }.flatMap { job -> [Journal.Record] in
      [
        .made(id: job.id, created: job.created, job.new, idempotencyKey: job.idempotencyKey),
        .status(job.latest),
      ]
    }
  }
}
