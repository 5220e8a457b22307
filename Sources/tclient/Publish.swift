import ArgumentParser
import ToolSupport
import TranslationAPI
import TranslationClient

struct Publish: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Reports a translation's status, as its worker.",
    discussion: """
      tclient publish ID running --progress 0.25 --message 'page 1 of 4'

      Prints the id of the status. With --batch, reads many reports from standard input, a JSON object a line: \
      {"job":"ID","status":"running","progress":0.25}; prints what became of each.

      Exit code 1 if the server refuses a report: the translation is not there or has ended, its progress would go \
      back, its status is not --if-match.
      """)

  @Argument(help: "The translation.")
  var id: String?

  @Argument(help: "Its status: pending, running, completed or error.")
  var status: ReportedStatus?

  @Option(parsing: .unconditional, help: "The part that is done, from 0 to 1.")
  var progress: Double?

  @Option(help: "Words for people.")
  var message: String?

  @Option(help: "The id of the status that it is to follow.")
  var ifMatch: String?

  @Flag(help: "Read reports from standard input.")
  var batch = false

  @OptionGroup var server: ServerOptions

  func validate() throws {
    try GivenIDs.validate(id.map { [$0] } ?? [])
    if let progress, !(0...1 ~= progress) { throw ValidationError("--progress has to be from 0 to 1.") }
    let isOne = id != nil && status != nil
    let isNone = id == nil && status == nil && progress == nil && message == nil && ifMatch == nil
    guard batch ? isNone : isOne else {
      throw ValidationError("Give a translation and its status, or --batch, which reads all of that.")
    }
  }

  func run() throws {
    let service = server.service()
    do throws(TranslationError) {
      if let id, let status {
        let change = StatusChange(status: status.status, progress: progress, message: message)
        let published = try waiting { () async throws(TranslationError) in
          try await service.publish(change, to: id, ifMatch: ifMatch)
        }
        if server.json { Output.json(published.json) } else if !server.quiet { Output.line(published.id) }
      } else {
        try publishLines(service)
      }
    } catch {
      throw failure(error, of: .change)
    }
  }

  private func publishLines(_ service: TranslationService) throws(TranslationError) {
    var failed = false
    var changes: [(line: Int, change: BatchChange)] = []
    func refuse(_ line: Int, _ job: String?, _ reason: String) {
      failed = true
      Output.notice("line \(line): \(job.map { "\($0): " } ?? "")\(reason)", of: "tclient")
      guard server.json else { return }
      Output.json(
        JSONWriter.object {
          $0.member("line", line)
          $0.member("job", job)
          $0.member("error", reason)
        })
    }
    func flush() throws(TranslationError) {
      guard !changes.isEmpty else { return }
      let results = try waiting { [changes] () async throws(TranslationError) in
        try await service.publish(changes.map { ($0.change.job, $0.change.change, $0.change.ifMatch) })
      }
      for ((line, change), result) in zip(changes, results) {
        switch result {
        case .success(let status):
          if server.json {
            Output.json(
              JSONWriter.object {
                $0.member("line", line)
                $0.member("job", change.job)
                $0.member("id", status)
              })
          } else if !server.quiet {
            Output.line(change.job, status)
          }
        case .failure(let error): refuse(line, change.job, "\(error).")
        }
      }
      changes = []
    }
    var input = InputLines()
    var number = 0
    // A worker's report is not to wait for the next hundred: what has come is sent when no more is there.
    while let line = try input.next(beforeWaiting: flush) {
      number += 1
      guard !line.isEmpty else { continue }
      do throws(BodyError) {
        changes.append((number, try BatchChange(json: line)))
      } catch {
        // In the order of the lines.
        try flush()
        refuse(number, nil, error.problem.detail)
      }
      if changes.count == 100 { try flush() }
    }
    try flush()
    if failed { throw .conflict("not all reports were taken", current: nil) }
  }
}

/// What a worker may report; who wants an end of a translation cancels it.
enum ReportedStatus: String, CaseIterable, ExpressibleByArgument {
  case pending, running, completed, error

  var status: TranslationStatus {
    switch self {
    case .pending: .pending
    case .running: .running
    case .completed: .completed
    case .error: .error
    }
  }
}
