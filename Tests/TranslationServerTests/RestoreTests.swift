import EventStreamServer
import Glibc
import IOQueue
import TestSupport
import Testing
import TranslationAPI

@testable import TranslationServer

/// A start must not cost what the journal tells, whatever happens meanwhile.
@Suite(.paced, .timeLimit(.minutes(3)))
struct RestoreTests {
  private let directory: String
  private var path: String { directory + "/journal" }

  init() throws {
    var template = Array("/tmp/restore-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What is due of simulated translations is reported while others are still to be restored, and the file is one that is
  /// to be written anew at the next line.
  @Test func fileIsReplacedOnceByAllOfIt() throws {
    defer {
      unlink(path)
      rmdir(directory)
    }
    let old = try Journal(path: path)
    let simulated = NewTranslation(
      source: "de", target: "en", simulation: NewTranslation.Simulation(seconds: 1, steps: 3))
    old.append(.made(id: "a", created: 1000, simulated, idempotencyKey: nil))
    for number in 1...100 {
      old.append(
        .made(id: "b\(number)", created: 1000, NewTranslation(source: "de", target: "fr"), idempotencyKey: nil))
      for _ in 0..<10 { old.append(.status(StatusUpdate(status: .running, timestamp: 1001, job: "b\(number)"))) }
    }
    old.close()

    let watch = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))
    defer { close(watch) }
    #expect(inotify_add_watch(watch, directory, UInt32(IN_MOVED_FROM | IN_MOVED_TO)) >= 0)
    let queue = try IOQueue(label: "journal")
    defer { queue.close() }
    let lock = TableLock(timersOn: queue)
    let server = try HTTPServer(.init(port: 0))
    let journal = try Journal(path: path)
    let restored = lock.locked {
      Result {
        let table = JobTable(
          hub: server.makeHub(), under: lock, limits: .init(journalSlack: 0), journal: journal, onNotice: { _ in })
        try table.journal?.restore()
        return (latest: table.job("a")?.latest, records: try journal.records().records)
      }
    }
    let (latest, records) = try restored.get()
    #expect(latest?.status == .completed)
    #expect(records.count == 2 * 101)
    #expect(records[1] == latest.map { .status($0) })
    // One event for the old name and one for the new, each with a head of 16 bytes and a name in another 16. (Of the new name
    // alone would be told once: inotify(7) makes one event of equal ones.)
    var events = [UInt8](repeating: 0, count: 4096)
    #expect(read(watch, &events, events.count) == 64)
  }

  /// A restart gives nobody's end more time than it has; whose time is over is gone, and its id is known.
  @Test func endedTranslationsStayAsLongAsWithoutARestart() async throws {
    defer {
      unlink(path)
      rmdir(directory)
    }
    let now = WallClock.now
    let new = NewTranslation(source: "de", target: "en")
    let old = try Journal(path: path)
    // The order in which they were made is not that of their ends.
    for (id, age) in [("soon", 0.5), ("over", 2), ("later", 0.1)] {
      old.append(.made(id: id, created: now - 3000, new, idempotencyKey: nil))
      old.append(.status(StatusUpdate(status: .completed, timestamp: now - age * 1000, job: id)))
    }
    old.append(.made(id: "open", created: now - 3000, new, idempotencyKey: nil))
    old.close()
    let queue = try IOQueue(label: "journal")
    defer { queue.close() }
    let lock = TableLock(timersOn: queue)
    let server = try HTTPServer(.init(port: 0))
    let journal = try Journal(path: path)
    let table = try lock.locked {
      Result {
        let table = JobTable(
          hub: server.makeHub(), under: lock, limits: .init(retention: .seconds(1000)), journal: journal,
          onNotice: { _ in })
        try table.journal?.restore()
        return Unchecked(table)
      }
    }.get().value
    var isOver = false
    while !isOver, !Task.isCancelled {
      lock.locked { if case .gone = table.find("over") { isOver = true } }
      await Task.yield()
    }
    lock.locked {
      #expect(table.count == 3)
      for id in ["soon", "later", "open"] { #expect(table.job(id)?.id == id) }
      #expect((try? journal.records().records.last) == .removed(id: "over"))
    }
  }

  /// Lives under a lock.
  private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
  }
}
