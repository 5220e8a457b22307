import Dispatch
import Glibc
import ToolSupport
import TranslationClient

/// A bar for each of many translations at the bottom of a terminal, redrawn in place.
///
/// Safe from any thread: all of it happens on `queue`.
// Sendable: constant, but for the properties marked as the queue's, which nothing else touches.
final class Bars: @unchecked Sendable {
  private let ids: [String]
  private let queue = DispatchQueue(label: "Bars")
  private let timer: any DispatchSourceTimer
  private let hasColor = getenv("NO_COLOR") == nil

  // On the queue:
  private var latest: [String: ReceivedUpdate] = [:]
  private var drawn = 0
  private var isDue = true
  private var ended = false

  init(_ ids: [String]) {
    self.ids = ids
    timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now(), repeating: .milliseconds(50), leeway: .milliseconds(10))
    timer.setEventHandler { [unowned self] in
      if isDue { draw() }
    }
    timer.activate()
  }

  deinit { timer.cancel() }

  func update(_ update: ReceivedUpdate) {
    queue.sync {
      latest[update.update.job ?? ""] = update
      isDue = true
    }
  }

  /// Runs `print` with the bars out of its way.
  func interrupted(by print: () -> Void) {
    queue.sync {
      erase()
      print()
      draw()
    }
  }

  /// Leaves the bars as they stand.
  func end() {
    queue.sync {
      guard !ended else { return }
      draw()
      ended = true
    }
  }

  private func erase() {
    // Up to the first bar, and away with all below.
    if drawn > 0 { Output.write("\u{1B}[\(drawn)A\r\u{1B}[J") }
    drawn = 0
  }

  private func draw() {
    guard !ended else { return }
    let (columns, rows) = Self.size
    erase()
    isDue = false
    // What does not fit could not be redrawn: those that go on come first then.
    var shown = ids
    if ids.count > rows - 2 {
      shown = ids.filter { latest[$0]?.status.isFinal != true } + ids.filter { latest[$0]?.status.isFinal == true }
      shown = Array(shown.prefix(max(1, rows - 2)))
    }
    for id in shown { Output.line(line(id, columns)) }
    drawn = shown.count
    if shown.count < ids.count {
      let done = latest.values.count { $0.status.isFinal }
      Output.line("and \(ids.count - shown.count) more; \(done) of \(ids.count) have ended")
      drawn += 1
    }
  }

  private func line(_ id: String, _ columns: Int) -> String {
    let update = latest[id]
    let status = update?.status
    let progress = update?.progress ?? (status == .completed ? 1 : 0)
    let name = id.prefix(22).padded(to: min(22, ids.map(\.count).max() ?? 22))
    let word = (status?.rawValue ?? "unknown").padded(to: 9)
    let percent = "\((progress * 100).formatted(decimals: 0)) %"
    let width = max(4, min(40, columns - name.count - word.count - 10))
    let full = Int((progress * Double(width)).rounded(.down))
    let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    let color =
      switch status {
      case .completed: "32"
      case .error, .cancelled: "31"
      case .running: "34"
      case .pending, nil: "33"
      }
    let painted = hasColor ? "\u{1B}[\(color)m\(bar)\u{1B}[0m" : bar
    return "\(name) \(painted) \(String(repeating: " ", count: max(0, 5 - percent.count)))\(percent) \(word)"
  }

  private static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(Output.standard, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}

extension StringProtocol {
  /// With spaces after it, up to that width.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }
}
