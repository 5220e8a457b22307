import ArgumentParser
import ToolSupport
import TranslationClient

struct Cancel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Ends translations.",
    discussion:
      "Whoever follows them sees the status `cancelled`. Exit code 1 if one had ended otherwise, or there is none of that id; of several exit codes the highest."
  )

  @Argument(help: "The translations.")
  var ids: [String]

  @OptionGroup var server: ServerOptions

  func validate() throws { try GivenIDs.validate(ids) }

  func run() throws {
    let service = server.service()
    var worst: ExitCode?
    for id in ids {
      do throws(TranslationError) {
        let translation = try waiting { () async throws(TranslationError) in try await service.cancel(id) }
        if server.json { Output.json(translation.json) } else if !server.quiet { Output.line("Cancelled: \(id)") }
      } catch {
        // The others are to be cancelled nevertheless.
        let code = failure(error, of: .change, ids.count > 1 ? id : nil)
        worst = ExitCode(max(worst?.rawValue ?? 0, code.rawValue))
      }
    }
    if let worst { throw worst }
  }
}
