import IOQueue
import ArgumentParser
import Dispatch
import EventStreamClient
import ToolSupport
import TranslationClient

struct Monitor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor",
    abstract: "Prints each status until the final one, of one translation or of many.",
    discussion: """
      Lost connections are made again, and nothing is missed; stderr tells of each attempt. By default it never gives \
      up on a server that is away: limit that with --max-attempts or --timeout.

      At the end it prints when the server completed, when that was received here, and the delay between the two. \
      Exit code 0 if the translation completed, 1 if it failed.

      With ids it follows these translations over one connection until all have ended, with a bar for each on a \
      terminal. It ends with how long updates took to get here, and with exit code 0 if all have completed.
      """)

  @Argument(help: "The translations; none for the one that --url names.")
  var ids: [String] = []

  @OptionGroup var server: ServerOptions

  @Option(parsing: .unconditional, help: "Give up after so many attempts in a row that could not reach the server.")
  var maxAttempts: Int?

  @Option(parsing: .unconditional, help: "Give up when the server could not be reached for so many seconds.")
  var timeout: Double?

  @Flag(
    help: """
      Sum up at the end how long updates took to get here; of many translations it does so anyway, but \
      with --json or --quiet.
      """)
  var summary = false

  func validate() throws {
    try GivenIDs.validate(ids)
    if let maxAttempts, maxAttempts < 1 { throw ValidationError("--max-attempts has to be 1 or more.") }
    if let timeout, !(timeout >= 0 && timeout < 1e9) {
      throw ValidationError("--timeout has to be from 0 to 1000000000 seconds.")
    }
  }

  func run() throws {
    Tool.handleSignals()
    if ids.isEmpty { try followOne() } else { try followMany() }
  }

  private var policy: ReconnectionPolicy {
    var policy = ReconnectionPolicy.resilient
    policy.maxAttempts = maxAttempts
    policy.maxOutage = timeout.map { .seconds($0) }
    return policy
  }

  private func followOne() throws {
    let display = Display(server)
    let client = server.client(policy) { state in
      if case .waiting = state { display.notice(state.summary) }
    }
    var delays = DelaySummary()
    let final: ReceivedUpdate
    do throws(TranslationError) {
      final = try client.monitorUntilFinal { update in
        display.show(update)
        delays.add(update)
      }
    } catch {
      display.end()
      throw failure(error)
    }
    display.finish(final)
    if summary {
      if server.json { Output.json(delays.json) } else { Output.line(delays.text) }
    }
    guard final.status == .completed else { throw ExitCode.translationFailed }
  }

  private func followMany() throws {
    let display = ManyDisplay(ids, server)
    let service = server.service(policy) { state in
      if case .waiting = state { display.notice(state.summary) }
    }
    do throws(TranslationError) {
      try waiting { () async throws(TranslationError) in
        for try await update in service.monitor(ids) { display.show(update) }
      }
    } catch {
      display.end()
      throw failure(error, of: .translations)
    }
    display.finish(isSummarized: summary)
    guard display.allCompleted else { throw ExitCode.translationFailed }
  }
}

/// Blocks the calling thread until the operation is over.
func waiting<Value: Sendable>(
  _ operation: @escaping @Sendable () async throws(TranslationError) -> Value
) throws(TranslationError) -> Value {
  let result = Locked<Result<Value, TranslationError>?>(nil)
  let isOver = DispatchSemaphore(value: 0)
  Task.detached {
    let ended: Result<Value, TranslationError>
    do throws(TranslationError) {
      ended = .success(try await operation())
    } catch {
      ended = .failure(error)
    }
    result.withLock { $0 = ended }
    isOver.signal()
  }
  isOver.wait()
  return try result.withLock { $0! }.get()
}
