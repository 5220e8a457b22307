import ArgumentParser
import Glibc
import ToolSupport
import TranslationClient

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the server's translations, the newest first.",
    discussion: """
      Columns on a terminal; in a pipe a line each, with tabs between id, status, progress, source, target and title.
      """)

  @Option(help: "Only those of this status. May be given again.")
  var status: [StatusArgument] = []

  @Option(parsing: .unconditional, help: "How many; 0 for all.")
  var limit = 50

  @OptionGroup var server: ServerOptions

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit has to be 0 or more.") }
  }

  func run() throws {
    let service = server.service()
    let statuses = status.map(\.status)
    let isTable = Output.isTerminal && !server.json && !server.quiet
    if isTable { Output.line(row("ID", "STATUS", "DONE", "LANGUAGES", "TITLE")) }
    do throws(TranslationError) {
      try waiting { () async throws(TranslationError) in
        var left = limit == 0 ? Int.max : limit
        for try await translation in service.translations(statuses, pageSize: min(left, 500)) {
          print(translation, isTable)
          left -= 1
          if left == 0 { return }
        }
      }
    } catch {
      throw failure(error)
    }
  }

  private func print(_ translation: Translation, _ isTable: Bool) {
    if server.json { return Output.json(translation.json) }
    if server.quiet { return Output.line(translation.id) }
    let status = translation.latest.status.rawValue
    let progress = translation.latest.progress.map { "\(($0 * 100).formatted(decimals: 0)) %" } ?? ""
    let title = translation.title ?? ""
    if isTable {
      // What is not shown takes no room.
      let id = Output.printable(translation.id)
      let languages = Output.printable("\(translation.source) → \(translation.target)")
      Output.line(row(id, status, progress, languages, title))
    } else {
      Output.line(translation.id, status, progress, translation.source, translation.target, title)
    }
  }

  private func row(_ id: String, _ status: String, _ progress: String, _ languages: String, _ title: String) -> String {
    "\(id.padded(to: 22))  \(status.padded(to: 9))  \(progress.padded(to: 5))  \(languages.padded(to: 12))  \(title)"
  }
}

/// `running`.
struct StatusArgument: ExpressibleByArgument {
  let status: TranslationStatus

  init?(argument: String) {
    guard let status = TranslationStatus(rawValue: argument) else { return nil }
    self.status = status
  }

  static var allValueStrings: [String] { TranslationStatus.allCases.map(\.rawValue) }
}
