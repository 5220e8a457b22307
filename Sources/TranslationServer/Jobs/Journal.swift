internal import Glibc
internal import TranslationAPI

/// A file that tells what translations there are and what became of them, so that they outlive the process.
///
/// A JSON object a line: a translation when it is made, each of its statuses, its id when it is gone. Every line is
/// written before anybody is told, in one write(2): a process that is killed loses nothing that it had answered for. A
/// machine that loses power may, for lines are not synced; but it never loses the file: what takes its place is.
///
/// Used by one thread at a time.
final class Journal {
  enum Record: Equatable {
    case made(id: String, created: Double, NewTranslation, idempotencyKey: String?)
    case status(StatusUpdate)
    case removed(id: String)
  }

  struct Failure: Error {
    let reason: String
    /// What the system says; nil if it has nothing to do with it.
    var cause: String?
    /// There is no room, as there may be again.
    var isOfRoom = false
  }

  private(set) var path: String
  /// Lines that could not be written.
  private(set) var lost: UInt64 = 0
  /// Why the last line could not be; nil if it could.
  private(set) var trouble: String?
  /// Lines in the file.
  private(set) var lines = 0
  private var descriptor: Int32
  /// The file may end in a part of a line, which must not swallow the next one.
  private var isTorn = false

  /// Opens or makes the file, which no other process may have open like this.
  init(path: String) throws(Failure) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure("cannot open", path) }
    // What is thrown from here on ends in `deinit`.
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(reason: "the journal \(path) is no regular file: give another one")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Failure(reason: "the journal \(path) is another server's: stop that one, or give another file")
    }
    // Its owner may have put another one in its place meanwhile, and let go of this one.
    var there = stat()
    guard stat(path, &there) == 0, there.st_dev == status.st_dev, there.st_ino == status.st_ino else {
      throw Failure(reason: "the journal \(path) is another server's: stop that one, or give another file")
    }
    // What is put in the file's place stands where the file does, and not where a link to it is.
    if let real = realpath(path, nil) {
      self.path = String(cString: real)
      free(real)
    }
  }

  deinit { close() }

  /// Nothing is written after it. Twice is fine.
  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  private static func failure(_ what: String, _ path: String) -> Failure {
    let error = errno
    let cause = String(cString: strerror(error))
    return Failure(
      reason: "\(what) the journal \(path): \(cause)", cause: cause,
      isOfRoom: [ENOSPC, EDQUOT, EFBIG].contains(error))
  }

  /// All that stands in it. A line that is none of ours is passed over; a file with more of those, or of nothing else, is no journal.
  ///
  /// - Returns: the records, and how many lines were passed over, but for a last one that is torn.
  func records() throws(Failure) -> (records: [Record], damaged: Int) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var offset: off_t = 0
    while true {
      let count = pread(descriptor, &buffer, buffer.count, offset)
      guard count >= 0 else { throw Self.failure("cannot read", path) }
      if count == 0 { break }
      bytes += buffer.prefix(count)
      offset += count
    }
    isTorn = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
    let texts = bytes.split(separator: UInt8(ascii: "\n"))
    let records = texts.compactMap { Record(json: Array($0)) }
    let foreign = texts.count { Record(json: Array($0)) == nil && !Record.mayBeginWith($0) }
    let isLastDamaged = isTorn && texts.last.map { Record(json: Array($0)) == nil } ?? false
    guard foreign <= records.count, !records.isEmpty || texts.count == (isLastDamaged ? 1 : 0) else {
      throw Failure(reason: "\(path) is no journal, and stays as it is: give another file")
    }
    lines = records.count
    return (records, texts.count - records.count - (isLastDamaged ? 1 : 0))
  }

  func append(_ record: Record) {
    guard descriptor >= 0 else { return }
    lines += 1
    isTorn = !write(Array(((isTorn ? "\n" : "") + record.json + "\n").utf8))
    trouble = isTorn ? String(cString: strerror(errno)) : nil
    if isTorn { lost += 1 }
  }

  /// Puts these in the place of all that stands in it, at one stroke.
  func rewrite(_ records: some Sequence<Record>) throws(Failure) {
    guard descriptor >= 0 else { return }
    let next = try Journal(path: path + ".new")
    do throws(Failure) {
      try next.fill(with: records)
      guard rename(next.path, path) == 0 else { throw Self.failure("cannot write", next.path) }
    } catch {
      // What it takes on a full disk is wanted here.
      unlink(next.path)
      throw error
    }
    swap(&descriptor, &next.descriptor)
    lines = next.lines
    isTorn = false
    trouble = nil
  }

  private func fill(with records: some Sequence<Record>) throws(Failure) {
    guard ftruncate(descriptor, 0) == 0 else { throw Self.failure("cannot write", path) }
    var bytes: [UInt8] = []
    for record in records {
      bytes += (record.json + "\n").utf8
      lines += 1
      if bytes.count > 1 << 16 {
        guard write(bytes) else { throw Self.failure("cannot write", path) }
        bytes = []
      }
    }
    // Else the new name might be on the disk before what it stands for (rename(2) promises nothing of that).
    guard write(bytes), fdatasync(descriptor) == 0 else { throw Self.failure("cannot write", path) }
  }

  private func write(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }
}
