import EventStreamServer
import Foundation
import Glibc
import IOQueue
import TestSupport
import Testing
import TranslationAPI

@testable import TranslationServer

/// Translations outlive their server.
@Suite(.paced, .timeLimit(.minutes(3)))
struct JournalTests {
  private let path: String

  init() {
    var template = Array("/tmp/journal-XXXXXX".utf8CString)
    close(mkstemp(&template))
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The journal, or a server that has it, once nobody else has: a child that another test starts at this moment holds
  /// the lock, too, until its exec.
  private func again<Holder>(_ open: () throws -> Holder) async throws -> Holder {
    for _ in 0..<10_000 {
      if let holder = try? open() { return holder }
      await Task.yield()
    }
    return try open()
  }

  @Test func translationsAreThereAfterARestart() async throws {
    let path = path
    defer { unlink(path) }
    let first = try Hub { $0.journal = path }
    let ids = try await [
      first.submit(#","title":"Fäust""#), first.submit(), first.submit(#","simulate":{"seconds":0.3,"steps":1}"#),
    ]
    let update = try await first.publish(#"{"status":"running","progress":0.25,"message":"a\nb"}"#, ids[0])
    try await first.publish(#"{"status":"completed"}"#, ids[1])
    let before = try await first.request("GET", "/translations/\(ids[0])").body
    await first.server.stop()

    let second = try await again { try Hub { $0.journal = path } }
    #expect(try await second.request("GET", "/translations/\(ids[0])").body == before)
    // Watchers are told that ids are new, and what the status is.
    let seen = try #require(update["id"])
    let stream = try await second.stream("/translations/\(ids[0])/status", lastEventID: seen)
    let reset = try #require(blocks(try await stream.body(until: "\n\n")).first)
    #expect(reset.type == "reset")
    #expect(try StatusUpdate(json: reset.data).progress == 0.25)
    // Workers go on.
    #expect(try await second.publish(#"{"status":"running","progress":0.2}"#, ids[0]).status == 409)
    #expect(try await second.publish(#"{"status":"completed"}"#, ids[0]).status == 200)
    let end = blocks(try await stream.bodyToEnd())
    #expect(try end.map { try StatusUpdate(json: $0.data).status } == [.completed])
    #expect(try await second.publish(#"{"status":"error"}"#, ids[1]).status == 409)
    // What is simulated goes on, too.
    let simulated = blocks(try await second.stream("/translations/\(ids[2])/status").bodyToEnd())
    #expect(try StatusUpdate(json: try #require(simulated.last?.data)).status == .completed)
    await second.server.stop()
  }

  @Test func idempotencyKeysOutliveTheServer() async throws {
    let path = path
    defer { unlink(path) }
    let body = #"{"source":"de","target":"en"}"#
    var ids: Set<String> = []
    for _ in 0..<3 {
      let hub = try await again { try Hub { $0.journal = path } }
      let answer = try await hub.request("POST", "/translations", body, fields: ["Idempotency-Key": "k"])
      ids.insert(try #require(answer["id"]))
      await hub.server.stop()
    }
    #expect(ids.count == 1)
  }

  @Test func tornLastLineCostsNothingElse() async throws {
    let path = path
    defer { unlink(path) }
    let new = NewTranslation(source: "de", target: "en")
    let records: [Journal.Record] = [
      .made(id: "a", created: 1.5, new, idempotencyKey: "k"), .made(id: "b", created: 2, new, idempotencyKey: nil),
      .status(StatusUpdate(status: .running, timestamp: 3, progress: 0.5, message: "m", job: "a")), .removed(id: "b"),
    ]
    do {
      let journal = try Journal(path: path)
      for record in records { journal.append(record) }
      #expect(throws: Journal.Failure.self) { try Journal(path: path) }
    }
    let file = open(path, O_WRONLY | O_APPEND)
    write(file, "{\"job\":\"a\",\"sta", 14)
    close(file)
    let journal = try await again { try Journal(path: path) }
    #expect(try journal.records() == (records, 0))
    journal.append(.removed(id: "a"))
    // What is torn is a line now, that is passed over.
    #expect(try journal.records() == (records + [.removed(id: "a")], 1))
    try journal.rewrite(records.prefix(2))
    journal.append(.removed(id: "b"))
    #expect(try journal.records() == (records.prefix(2) + [.removed(id: "b")], 0))
  }

  @Test(arguments: [
    "dear diary\n", "dear diary", "1\n2\n3\n", "{\"a\": 1}\n", "{\"a\": 1}", "\n\nx\n", "{\"removed\":\"a\"}\nx\ny\n",
    "[package]\nname = \"x\"\n", "{\"status\":\"ok\"}\n", "{\"status\":\"ok\"}\n{\"made\":",
  ])
  func fileThatIsNoJournalStaysAsItIs(text: String) throws {
    defer { unlink(path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: ServerError.cannotStart(reason: "\(path) is no journal, and stays as it is: give another file")) {
      try Hub { $0.journal = path }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }

  @Test(arguments: ["", "\n", "{", #"{"made":"x","crea"#, "{\"removed\":\"a\"}\n\0\0\0\n"])
  func fileThatMayBeAJournalIsTakenForOne(text: String) async throws {
    defer { unlink(path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let notices = Recorder<String>()
    let hub = try Hub {
      $0.journal = path
      $0.onNotice = { notices.append($0) }
    }
    if text.contains("\0") {
      #expect(
        try await notices.wait(count: 1) == ["1 damaged line of the journal \(path) had to be left out"])
    }
    _ = try await hub.submit()
    await hub.server.stop()
    #expect(notices.count == (text.contains("\0") ? 1 : 0))
  }

  @Test func linkToAJournalStaysALink() async throws {
    let link = path + ".link"
    defer {
      unlink(link)
      unlink(path)
    }
    symlink(path, link)
    let hub = try Hub { $0.journal = link }
    let id = try await hub.submit()
    await hub.server.stop()
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains(id))
  }

  /// When most lines tell what is past the file is written anew, and what comes about at that moment is in it.
  @Test func compactionLosesNothing() throws {
    defer { unlink(path) }
    let queue = try IOQueue(label: "journal")
    defer { queue.close() }
    let lock = TableLock(timersOn: queue)
    let server = try HTTPServer(.init(port: 0))
    let journal = try Journal(path: path)
    let isComplete = lock.locked {
      let table = JobTable(
        hub: server.makeHub(), under: lock, limits: .init(journalSlack: 0), journal: journal, onNotice: { _ in })
      guard case .made(let job) = table.create(NewTranslation(source: "de", target: "en")) else { return false }
      return (1...50).allSatisfy { round in
        table.change(job, to: StatusChange(status: .running, message: "\(round)"))
        let records = try? journal.records().records
        return records?.last == .status(job.latest) && job.latest.message == "\(round)" && records!.count <= 10
      }
    }
    #expect(isComplete)
  }

  /// What the file tells is whole, however long it grows; and it is shortened as soon as it can be.
  @Test func journalThatCannotBeShortenedIsWhole() throws {
    let blocker = path + ".new"
    mkdir(blocker, 0o700)
    defer {
      rmdir(blocker)
      unlink(path)
    }
    let queue = try IOQueue(label: "journal")
    defer { queue.close() }
    let lock = TableLock(timersOn: queue)
    let server = try HTTPServer(.init(port: 0))
    let journal = try Journal(path: path)
    let notices = Recorder<String>()
    lock.locked {
      let table = JobTable(
        hub: server.makeHub(), under: lock, limits: .init(journalSlack: 0), journal: journal,
        onNotice: { notices.append($0) })
      guard case .made(let job) = table.create(NewTranslation(source: "de", target: "en")) else {
        Issue.record("there is room")
        return
      }
      for round in 1...100 {
        table.change(job, to: StatusChange(status: .running, message: "\(round)"))
        #expect((try? journal.records().records.last) == .status(job.latest))
        #expect(table.journal?.trouble == nil)
      }
      #expect(journal.lines == 102)
      rmdir(blocker)
      for round in 101...150 { table.change(job, to: StatusChange(status: .running, message: "\(round)")) }
      #expect(journal.lines <= 10)
      #expect((try? journal.records().records.last) == .status(job.latest))
    }
    #expect(notices.count == 1 && notices.all[0].contains("cannot be shortened (Is a directory)"))
  }

  @Test func goneTranslationsLeaveTheFile() async throws {
    let path = path
    defer { unlink(path) }
    let hub = try Hub {
      $0.journal = path
      $0.retention = .milliseconds(1)
    }
    for _ in 0..<5 { try await hub.publish(#"{"status":"completed"}"#, hub.submit()) }
    while try await hub.request("GET", "/translations").members["translations"]?.array?.count != 1 {}
    await hub.server.stop()
    let next = try await again { try Hub { $0.journal = path } }
    #expect(try await next.request("GET", "/translations").members["translations"]?.array?.count == 1)
    await next.server.stop()
  }

  @Test func journalThatCannotBeUsedIsSaid() {
    #expect(throws: ServerError.self) { try Hub { $0.journal = "/nowhere/journal" } }
    #expect(throws: ServerError.self) { try Hub { $0.journal = "/" } }
    #expect(throws: ServerError.self) { try Hub { $0.journal = "/dev/null" } }
  }
}
