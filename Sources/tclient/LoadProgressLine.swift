import EventStreamLoad
import Glibc
import ToolSupport

/// How a load is getting on, on stderr: a line that lives on a terminal, a line a phase elsewhere.
///
/// Called on the load's queue, and when that has ended.
// Sendable: the queue ends before the main thread goes on.
final class LoadProgressLine: @unchecked Sendable {
  private let isTerminal = isatty(Output.error) != 0
  private var phase: LoadProgress.Phase?

  func show(_ progress: LoadProgress) {
    guard isTerminal || progress.phase != phase else { return }
    phase = progress.phase
    var text = "\(progress.phase.rawValue): \(progress.connected) of \(progress.subscribers) subscribers"
    if progress.failed > 0 { text += ", \(progress.failed) failed" }
    if progress.phase == .measuring, progress.seconds > 0 {
      let rate = Double(progress.deliveries) / progress.seconds
      text += ", \(progress.deliveries) deliveries, \(rate.formatted(decimals: 0)) a second"
    }
    _ = Output.attempt(isTerminal ? "\r\u{1B}[K\(text)" : "tclient: \(text)\n", to: Output.error)
  }

  func end() {
    if isTerminal { _ = Output.attempt("\r\u{1B}[K", to: Output.error) }
  }
}
