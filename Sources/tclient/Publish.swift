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

      Exit code 1 if the translation has ended, its progress would go back, or its status is not --if-match.
      """)

  @Argument(help: "The translation.")
  var id: String?

  @Argument(help: "Its status: pending, running, completed or error.")
  var status: StatusArgument?

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
    if let progress, !(0...1 ~= progress) { throw ValidationError("--progress has to be from 0 to 1.") }
    guard batch != (id != nil && status != nil) else {
      throw ValidationError("Give a translation and its status, or --batch.")
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
        if server.json { Output.line(published.json) } else if !server.quiet { Output.line(published.id) }
      } else {
        try publishLines(service)
      }
    } catch {
      throw failure(error)
    }
  }

  private func publishLines(_ service: TranslationService) throws(TranslationError) {
    var failed = false
    var lines: [BatchChange] = []
    func flush() throws(TranslationError) {
      guard !lines.isEmpty else { return }
      let results = try waiting { [lines] () async throws(TranslationError) in
        try await service.publish(lines.map { ($0.job, $0.change, $0.ifMatch) })
      }
      for (line, result) in zip(lines, results) {
        switch result {
        case .success(let status):
          if server.json {
            Output.line(
              JSONWriter.object {
                $0.member("job", line.job); $0.member("id", status)
              })
          } else if !server.quiet {
            Output.line("\(line.job)\t\(status)")
          }
        case .failure(let error):
          failed = true
          Output.notice("\(line.job): \(error).", of: "tclient")
        }
      }
      lines = []
    }
    while let line = readLine() {
      guard !line.isEmpty else { continue }
      do throws(BodyError) {
        lines.append(try BatchChange(json: Array(line.utf8)))
      } catch {
        failed = true
        Output.notice(error.problem.detail, of: "tclient")
      }
      // A worker's report is not to wait for the next hundred: what has come is sent when no more is there.
      if lines.count == 100 || !Output.hasMoreInput() { try flush() }
    }
    try flush()
    if failed { throw .conflict("not all reports were taken", current: nil) }
  }
}
