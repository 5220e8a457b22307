import Dispatch
import Glibc
import Synchronization
import ToolSupport
import TranslationClient

/// What `monitor` shows: a line for each update and a summary; on a terminal also a line that lives.
final class Display: Sendable {
  private let server: ServerOptions
  private let live: LiveLine?

  init(_ server: ServerOptions) {
    self.server = server
    live = server.json || server.quiet || !Output.canRedraw() ? nil : LiveLine()
  }

  /// For a person at the terminal; nothing with `--quiet`.
  func notice(_ text: String) {
    guard !server.quiet else { return }
    if let live {
      live.interrupted { Output.notice(text, of: "tclient") }
    } else {
      Output.notice(text, of: "tclient")
    }
  }

  func show(_ update: ReceivedUpdate) {
    if server.json { return Output.json(update.json) }
    guard !server.quiet else { return }
    let line = "Monitoring Update: Status: \(update.status.rawValue), Timestamp: \(update.timestamp)\(update.details)"
    guard let live else { return Output.line(line) }
    live.interrupted { Output.line(line) }
    live.update(update.status.rawValue, progress: update.progress)
  }

  func finish(_ final: ReceivedUpdate) {
    end()
    guard !server.json else { return }
    guard !server.quiet else { return Output.line(final.status.rawValue) }
    let status = final.status.rawValue
    let delay = final.delay.seconds
    Output.line(final.status == .completed ? "Processing completed!" : "Processing ended: \(final.message ?? status)")
    Output.line("Server '\(status)' Timestamp: \(final.timestamp)")
    Output.line("Client Received '\(status)' Timestamp: \(final.received)")
    let error = final.delayError.map { " ± \(($0.seconds * 1000).formatted(decimals: 3)) ms" }
    Output.line(
      "Calculated Delay: \(delay.formatted(decimals: 3)) seconds (\((delay * 1000).formatted(decimals: 3)) ms)"
        + (error ?? (final.sent == nil ? ", clocks assumed equal" : ", clocks not compared")))
  }

  func end() {
    live?.end()
  }
}

/// One line at the bottom of the terminal that shows that something is going on: a spinner or percent, and the time.
///
/// Safe from any thread: all of it happens on `queue`.
// Sendable: constant, but for the properties marked as the queue's, which nothing else touches.
final class LiveLine: @unchecked Sendable {
  private let queue = DispatchQueue(label: "LiveLine")
  private var ticker: Ticker?
  private let start = DispatchTime.now()
  private let bold = getenv("NO_COLOR") == nil ? ("\u{1B}[1m", "\u{1B}[0m") : ("", "")

  // On the queue:
  private var status = "connecting"
  private var progress: Double?
  private var frame = 0
  private var ended = false

  private static let spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

  init() {
    Self.isShown.store(true, ordering: .relaxed)
    queue.sync { draw() }
    ticker = Ticker(every: .milliseconds(100)) { [weak self] in self?.redraw() }
  }

  private func redraw() { queue.sync { draw() } }

  func update(_ status: String, progress: Double?) {
    queue.sync {
      self.status = status
      self.progress = progress
      draw()
    }
  }

  /// Runs `print` with the line out of its way.
  func interrupted(by print: () -> Void) {
    queue.sync {
      Output.write(Self.erasure)
      print()
      draw()
    }
  }

  func end() {
    queue.sync {
      guard !ended else { return }
      ended = true
      Output.write(Self.erasure)
    }
  }

  private static let isShown = Atomic(false)

  /// To the line's beginning, and away with it. The cursor stays where it can be seen: a shell that Ctrl-Z brings back
  /// could not show it again.
  private static let erasure = "\r\u{1B}[K"

  /// Clears the line, if there is one, where nothing may wait: not even for a terminal that takes no output.
  static func eraseAtExit() {
    if isShown.load(ordering: .relaxed) { Output.writeIfReady(erasure) }
  }

  private func draw() {
    guard !ended else { return }
    frame += 1
    let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
    let sign = progress.map { "\(($0 * 100).formatted(decimals: 0)) %" } ?? Self.spinner[frame % Self.spinner.count]
    Output.write(Self.erasure + "\(sign) \(bold.0)\(status)\(bold.1) · \(elapsed.formatted(decimals: 0)) s")
  }
}
