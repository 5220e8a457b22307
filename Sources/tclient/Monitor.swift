import ArgumentParser
import EventStreamClient
import TranslationClient

struct Monitor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints each status until the final one.",
    discussion: """
      Lost connections are made again, and nothing is missed; stderr tells of each attempt. By default it never gives \
      up on a server that is away: limit that with --max-attempts or --timeout.

      At the end it prints when the server completed, when that was received here, and the delay between the two. \
      Exit code 0 if the translation completed, 1 if it failed.
      """)

  @OptionGroup var server: ServerOptions

  @Option(parsing: .unconditional, help: "Give up after so many attempts in a row that could not reach the server.")
  var maxAttempts: Int?

  @Option(parsing: .unconditional, help: "Give up when the server could not be reached for so many seconds.")
  var timeout: Double?

  func validate() throws {
    if let maxAttempts, maxAttempts < 1 { throw ValidationError("--max-attempts has to be 1 or more.") }
    if let timeout, !(timeout >= 0 && timeout < 1e9) { throw ValidationError("--timeout has to be 0 or more seconds.") }
  }

  func run() throws {
    let display = Display(server)
    var policy = ReconnectionPolicy.resilient
    policy.maxAttempts = maxAttempts
    policy.maxOutage = timeout.map { .seconds($0) }
    let client = server.client(policy) { state in
      if case .waiting = state { display.notice(state.summary) }
    }
    let final: ReceivedUpdate
    do throws(TranslationError) {
      final = try client.monitorUntilFinal { display.show($0) }
    } catch {
      display.end()
      throw failure(error)
    }
    display.finish(final)
    guard final.status == .completed else { throw ExitCode.translationFailed }
  }
}
