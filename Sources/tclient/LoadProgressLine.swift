import EventStreamLoad
import ToolSupport

/// How a load is getting on, on stderr: a line that lives on a terminal, a line a phase elsewhere.
///
/// Called on the load's queue, and when that has ended.
// Sendable: the queue ends before the main thread goes on.
final class LoadProgressLine: @unchecked Sendable {
  private let isLive = Output.canRedraw(Output.error)
  private var phase: LoadProgress.Phase?

  func show(_ progress: LoadProgress) {
    guard isLive || progress.phase != phase else { return }
    phase = progress.phase
    var text = "\(progress.phase.rawValue): \(progress.connected) of \(progress.subscribers) subscribers"
    if progress.failed > 0 { text += ", \(progress.failed) failed" }
    if progress.phase == .measuring, progress.seconds > 0 {
      let rate = Double(progress.deliveries) / progress.seconds
      text += ", \(progress.deliveries) deliveries, \(rate.formatted(decimals: 0)) a second"
    }
    _ = Output.attempt(isLive ? "\r\u{1B}[K\(text)" : "tclient: \(text)\n", to: Output.error)
  }

  func end() {
    if isLive { _ = Output.attempt("\r\u{1B}[K", to: Output.error) }
  }
}
