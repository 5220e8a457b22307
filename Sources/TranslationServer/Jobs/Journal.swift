internal import Glibc
internal import TranslationAPI

/// A file that tells what translations there are and what became of them, so that they outlive the process.
///
/// A JSON object a line: a translation when it is made, each of its statuses, its id when it is gone. Every line is
/// written before anybody is told, in one write(2): a process that is killed loses nothing that it had answered for. A
/// machine that loses power may, for nothing is synced.
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
  }

  let path: String
  /// Lines that could not be written.
  private(set) var lost: UInt64 = 0
  /// Lines in the file.
  private(set) var lines = 0
  private var descriptor: Int32

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
  }

  deinit { close() }

  /// Nothing is written after it. Twice is fine.
  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  private static func failure(_ what: String, _ path: String) -> Failure {
    Failure(reason: "\(what) the journal \(path): \(String(cString: strerror(errno)))")
  }

  /// All that stands in it. A line that is none of ours is passed over: the last one may be torn.
  func records() throws(Failure) -> [Record] {
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
    let records = bytes.split(separator: UInt8(ascii: "\n")).compactMap { Record(json: Array($0)) }
    // A torn line must not swallow the next one.
    if let last = bytes.last, last != UInt8(ascii: "\n") { write([UInt8(ascii: "\n")]) }
    lines = records.count
    return records
  }

  func append(_ record: Record) {
    guard descriptor >= 0 else { return }
    lines += 1
    if !write(Array((record.json + "\n").utf8)) { lost += 1 }
  }

  /// Puts these in the place of all that stands in it, at one stroke.
  func rewrite(_ records: some Sequence<Record>) throws(Failure) {
    let next = try Journal(path: path + ".new")
    guard ftruncate(next.descriptor, 0) == 0 else { throw Self.failure("cannot write", next.path) }
    var bytes: [UInt8] = []
    for record in records {
      bytes += (record.json + "\n").utf8
      next.lines += 1
      if bytes.count > 1 << 16 {
        guard next.write(bytes) else { throw Self.failure("cannot write", next.path) }
        bytes = []
      }
    }
    guard next.write(bytes), rename(next.path, path) == 0 else { throw Self.failure("cannot write", next.path) }
    swap(&descriptor, &next.descriptor)
    lines = next.lines
  }

  @discardableResult
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

extension Journal.Record {
  var json: String {
    switch self {
    case .made(let id, let created, let new, let key):
      JSONWriter.object { object in
        object.member("made", id)
        object.member("created", created)
        object.member("key", key)
        object.member("translation", json: new.json)
      }
    case .status(let update): update.json
    case .removed(let id): JSONWriter.object { $0.member("removed", id) }
    }
  }

  init?(json: [UInt8]) {
    guard let members = (try? JSONValue(json: json))?.object else { return nil }
    if let id = members["removed"]?.string {
      self = .removed(id: id)
    } else if let id = members["made"]?.string {
      guard let created = members["created"]?.number, created.isFinite, let value = members["translation"],
        let new = NewTranslation(value)
      else { return nil }
      self = .made(id: id, created: created, new, idempotencyKey: members["key"]?.string)
    } else {
      guard let update = try? StatusUpdate(json: json), update.job != nil else { return nil }
      self = .status(update)
    }
  }
}
