import ArgumentParser
import ToolSupport
import EventStreamClient
import TranslationClient

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Prints the present status, once.",
    discussion: """
      Prints `Current Status: pending, Timestamp: 1733752895.6343958`; the timestamp is when the status came about, \
      in seconds since 1970 by the server's clock. With --quiet, the status alone.
      """)

  @OptionGroup var server: ServerOptions

  func run() throws {
    do throws(TranslationError) {
      let update = try server.client(.never).getStatus()
      if server.json {
        Output.json(update.json)
      } else if server.quiet {
        Output.line(update.status.rawValue)
      } else {
        Output.line("Current Status: \(update.status.rawValue), Timestamp: \(update.timestamp)")
        if let message = update.message { Output.notice(message, of: "tclient") }
      }
    } catch {
      throw failure(error)
    }
  }
}
