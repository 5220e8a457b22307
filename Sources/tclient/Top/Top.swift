import ArgumentParser
import EventStreamClient
import Glibc
import IOQueue
import Synchronization
import ToolSupport
import TranslationAPI
import TranslationClient

struct Top: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "Shows all of the server's translations as they change.",
    discussion: """
      A screen with a row for each: its state, a bar, how fast it gets on, how long its last update took to get here. \
      Keys: s sorts by another column, r reverses, / filters, space pauses, ? tells of the others, q quits.

      In a pipe, and on a terminal that cannot do that (TERM=dumb), a line for each update.

      Lost connections are made again, and nothing is missed. Exit code 0 after q.
      """)

  @Option(help: "What to sort by at first.")
  var sort = TopSort.newest

  @OptionGroup var server: ServerOptions

  func run() throws {
    Tool.handleSignals()
    if server.json || server.quiet || !Terminal.isUsable { try printLines() } else { try showScreen() }
  }

  private func printLines() throws {
    let service = server.service { state in
      if case .waiting = state, !server.quiet { Output.notice(state.summary, of: "tclient") }
    }
    do throws(TranslationError) {
      try waiting { () async throws(TranslationError) in
        for try await update in service.monitorAll() {
          if server.json {
            Output.json(update.json)
          } else if server.quiet {
            Output.line("\(update.update.job ?? "") \(update.status.rawValue)")
          } else {
            Output.line(update.line)
          }
        }
      }
    } catch {
      throw failure(error)
    }
  }

  private func showScreen() throws {
    guard let terminal = Terminal() else { return try printLines() }
    let connection = Locked<(@Sendable (TopConnection) -> Void)?>(nil)
    let service = server.service { state in
      if let state = TopConnection(state) { connection.withLock { $0 }?(state) }
    }
    let describer = TopDescriber(server.service())
    let session: TopSession
    do throws(IOError) {
      session = try TopSession(terminal, server: service.source.request.url.inRow, sort: sort, describer: describer)
    } catch {
      Output.notice("\(error).", of: "tclient")
      throw ExitCode.failure
    }
    connection.withLock { $0 = { [weak session] in session?.changed(to: $0) } }
    Tool.interrupt.withLock { $0 = { session.stop(.signal($0)) } }
    Task.detached {
      do throws(TranslationError) {
        for try await update in service.monitorAll() { session.receive(update) }
        session.stop(.quit)
      } catch {
        session.stop(.failed(error))
      }
    }
    switch session.run() {
    case .quit: return
    case .signal(let number): throw ExitCode(128 + number)
    case .failed(let error): throw failure(error)
    }
  }
}

extension TopSort: ExpressibleByArgument {}

extension TopConnection {
  /// Nil for an attempt that follows a failed one: the failure is what there is to tell.
  fileprivate init?(_ state: EventSource.State) {
    switch state {
    case .connecting(let attempt):
      guard attempt == 1 else { return nil }
      self = .connecting
    case .open: self = .live
    case .waiting: self = .lost(state.summary)
    }
  }
}
