import ToolSupport
import TranslationClient

/// How a translation's line is fitted into a terminal's width: the name gives way first, then the bar.
///
///     9Qm4nWv1 ██████████░░░░░░░░░░  50 % running
struct BarLayout {
  let width: Int
  private let name: Int
  /// 0 if there is no room for one.
  private let bar: Int
  private let hasColor: Bool

  init(width: Int, longestName: Int, hasColor: Bool) {
    self.width = max(1, width)
    // `100 %` and the longest status, each after a space.
    let rest = 1 + 5 + 1 + 9
    let smallestBar = 1 + 4
    name = min(longestName, 22, max(1, self.width - rest - smallestBar))
    let room = min(40, self.width - name - rest - 1)
    bar = room >= 4 ? room : 0
    self.hasColor = hasColor
  }

  func line(_ id: String, _ update: ReceivedUpdate?) -> String {
    let status = update?.status
    let progress = update?.progress ?? (status == .completed ? 1 : 0)
    let name = Output.printable(id).prefix(name).padded(to: name)
    let percent = "\((progress * 100).formatted(decimals: 0)) %".aligned(to: 5)
    let word = (status?.rawValue ?? "unknown").padded(to: 9)
    guard bar > 0 else { return String("\(name) \(percent) \(word)".prefix(width)) }
    let full = Int((progress * Double(bar)).rounded(.down))
    let blocks = String(repeating: "█", count: full) + String(repeating: "░", count: bar - full)
    return "\(name) \(hasColor ? painted(blocks, status) : blocks) \(percent) \(word)"
  }

  private func painted(_ text: String, _ status: TranslationStatus?) -> String {
    let color =
      switch status {
      case .completed: "32"
      case .error, .cancelled: "31"
      case .running: "34"
      case .pending, nil: "33"
      }
    return "\u{1B}[\(color)m\(text)\u{1B}[0m"
  }
}

extension StringProtocol {
  /// With spaces after it, up to that width.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }

  /// With spaces before it, up to that width.
  fileprivate func aligned(to width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - count)) + self
  }
}
