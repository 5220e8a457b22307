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
  private var ticker: Ticker?
  private let hasColor = getenv("NO_COLOR") == nil

  // On the queue:
  private var latest: [String: ReceivedUpdate] = [:]
  private var drawn = 0
  private var isDue = true
  private var ended = false

  init(_ ids: [String]) {
    self.ids = ids
    queue.sync { draw() }
    ticker = Ticker(every: .milliseconds(50)) { [weak self] in self?.drawIfDue() }
  }

  private func drawIfDue() {
    queue.sync {
      if isDue { draw() }
    }
  }

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
    if drawn > 0 { Output.write(erasure) }
    drawn = 0
  }

  /// Up to the first bar, and away with all below.
  private var erasure: String { drawn > 0 ? "\u{1B}[\(drawn)A\r\u{1B}[J" : "" }

  private func draw() {
    guard !ended else { return }
    let (columns, rows) = Self.size
    isDue = false
    // What does not fit could not be redrawn: those that go on come first then.
    var shown = ids
    if ids.count > rows - 2 {
      shown = ids.filter { latest[$0]?.status.isFinal != true } + ids.filter { latest[$0]?.status.isFinal == true }
      shown = Array(shown.prefix(max(1, rows - 2)))
    }
    // A line that reached the last column would be two on some terminals.
    let layout = BarLayout(width: columns - 1, longestName: ids.lazy.map(\.count).max() ?? 0, hasColor: hasColor)
    var lines = shown.map { layout.line($0, latest[$0]) }
    if shown.count < ids.count {
      let done = latest.values.count { $0.status.isFinal }
      let rest = "and \(ids.count - shown.count) more; \(done) of \(ids.count) have ended"
      lines.append(String(rest.prefix(layout.width)))
    }
    // In one piece, so that nobody sees a half.
    Output.write(erasure + lines.map { $0 + "\n" }.joined())
    drawn = lines.count
  }

  private static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(Output.standard, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}
