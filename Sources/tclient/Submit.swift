import ArgumentParser
import EventStreamClient
import ToolSupport
import TranslationClient

struct Submit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Has the server take on a translation.",
    discussion: "Prints its id and where its status is. With --quiet, the id alone.")

  @Argument(help: "The language to translate from, a BCP 47 tag: de, zh-Hant.")
  var source: String

  @Argument(help: "The language to translate to.")
  var target: String

  @Option(help: "A name for people.")
  var title: String?

  @Option(parsing: .unconditional, help: "Let the server play the translation, in so many seconds.")
  var simulate: Double?

  @Option(help: "Let the one that is played fail in the end, with this message.")
  var fail: String?

  @Option(parsing: .unconditional, help: "Let the one that is played report its progress so often.")
  var steps = 0

  @Option(help: "A key that makes a repeated submission the same one.")
  var idempotencyKey: String?

  @Flag(help: "Then monitor it until its end; a token has to be good for that, too.")
  var wait = false

  @OptionGroup var server: ServerOptions

  func validate() throws {
    if let simulate, !(simulate >= 0 && simulate < 1e9) {
      throw ValidationError("--simulate has to be from 0 to 1000000000 seconds.")
    }
    if simulate == nil, fail != nil || steps != 0 { throw ValidationError("--fail and --steps need --simulate.") }
  }

  func run() throws {
    if wait { Tool.handleSignals() }
    let service = server.service()
    let new = NewTranslation(
      source: source, target: target, title: title,
      simulation: simulate.map { .init(seconds: $0, failure: fail, steps: steps) })
    let translation: Translation
    do throws(TranslationError) {
      translation = try waiting { () async throws(TranslationError) in
        try await service.submit(new, idempotencyKey: idempotencyKey)
      }
    } catch {
      throw failure(error, of: .change)
    }
    if server.json {
      Output.json(translation.json)
    } else if server.quiet {
      Output.line(translation.id)
    } else {
      Output.line("Translation: \(translation.id)")
      Output.line("Status: \(service.translation(translation.id).source.request.url)")
    }
    guard wait else { return }
    var monitor = try Monitor.parse(["--", translation.id])
    monitor.server = server
    try monitor.run()
  }
}
