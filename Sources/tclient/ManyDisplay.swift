import EventStreamClient
import ToolSupport
import TranslationClient

/// What `monitor` shows of many translations: on a terminal a bar for each, elsewhere a line for each update; and how
/// long the updates took, at the end.
final class ManyDisplay: Sendable {
  private struct State {
    /// The latest of each.
    var latest: [String: ReceivedUpdate] = [:]
    /// Of updates that came as they came about; the first of each may be old.
    var delays: [Double] = []
  }

  private let ids: [String]
  private let server: ServerOptions
  private let bars: Bars?
  private let state = Locked(State())

  init(_ ids: [String], _ server: ServerOptions) {
    var seen: Set<String> = []
    self.ids = ids.filter { seen.insert($0).inserted }
    self.server = server
    bars = server.json || server.quiet || !Output.isTerminal ? nil : Bars(self.ids)
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
      if state.latest.updateValue(update, forKey: job) != nil { state.delays.append(update.delay.seconds) }
    }
    if server.json { return Output.line(update.json) }
    guard !server.quiet else { return }
    if let bars { return bars.update(update) }
    Output.line(
      "Monitoring Update: Job: \(job), Status: \(update.status.rawValue), Timestamp: \(update.timestamp)"
        + (update.progress.map { ", Progress: \(($0 * 100).formatted(decimals: 0)) %" } ?? ""))
  }

  func end() { bars?.end() }

  func finish() {
    end()
    let (latest, delays) = state.withLock { ($0.latest, $0.delays.sorted()) }
    if server.quiet, !server.json {
      for id in ids { Output.line("\(id) \(latest[id]?.status.rawValue ?? "unknown")") }
    }
    guard !server.json, !server.quiet, let largest = delays.last else { return }
    func milliseconds(_ seconds: Double) -> String { "\((seconds * 1000).formatted(decimals: 3)) ms" }
    func part(_ fraction: Double) -> Double { delays[min(delays.count - 1, Int(Double(delays.count) * fraction))] }
    Output.line(
      "Delay of \(delays.count) updates: p50 \(milliseconds(part(0.5))), p99 \(milliseconds(part(0.99))), "
        + "max \(milliseconds(largest))")
  }

  var allCompleted: Bool {
    state.withLock { state in ids.allSatisfy { state.latest[$0]?.status == .completed } }
  }
}
