import IOQueue
import EventStreamClient
import ToolSupport
import TranslationClient

/// What `monitor` shows of many translations: on a terminal a bar for each, elsewhere a line for each update; and at the
/// end, how long the updates took.
final class ManyDisplay: Sendable {
  private struct State {
    /// The latest of each.
    var latest: [String: ReceivedUpdate] = [:]
    var delays = DelaySummary()
  }

  private let ids: [String]
  private let server: ServerOptions
  private let bars: Bars?
  private let state = Locked(State())

  init(_ ids: [String], _ server: ServerOptions) {
    var seen: Set<String> = []
    self.ids = ids.filter { seen.insert($0).inserted }
    self.server = server
    bars = server.json || server.quiet || !Output.canRedraw() ? nil : Bars(self.ids)
  }

  /// For a person at the terminal; nothing with `--quiet`.
  func notice(_ text: String) {
    guard !server.quiet else { return }
    guard let bars else { return Output.notice(text, of: "tclient") }
    bars.interrupted { Output.notice(text, of: "tclient") }
  }

  func show(_ update: ReceivedUpdate) {
    let job = update.update.job ?? ""
    state.withLock { state in
      state.latest[job] = update
      state.delays.add(update)
    }
    if server.json { return Output.json(update.json) }
    guard !server.quiet else { return }
    if let bars { return bars.update(update) }
    Output.line(update.line)
  }

  func end() { bars?.end() }

  /// - Parameter isSummarized: whether to sum up where it is not expected, too.
  func finish(isSummarized: Bool) {
    end()
    let (latest, delays) = state.withLock { ($0.latest, $0.delays) }
    // Bars have no room for words; lines have had them.
    if bars != nil {
      for id in ids {
        if let last = latest[id], last.status != .completed, let message = last.message {
          Output.line("\(id): \(message)")
        }
      }
    }
    if server.json {
      if isSummarized { Output.json(delays.json) }
    } else if server.quiet {
      for id in ids { Output.line("\(id) \(latest[id]?.status.rawValue ?? "unknown")") }
      if isSummarized { Output.line(delays.text) }
    } else if isSummarized || !delays.isEmpty {
      Output.line(delays.text)
    }
  }

  var allCompleted: Bool {
    state.withLock { state in ids.allSatisfy { state.latest[$0]?.status == .completed } }
  }
}
