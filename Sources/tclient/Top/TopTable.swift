import TranslationAPI
import TranslationClient

/// The rows' columns: which of them there is room for, and how wide they are.
struct TopTable {
  private enum Column: CaseIterable {
    case state, bar, percent, rate, left, elapsed, delay, languages, title, id
  }

  private static let spacing = 2
  private static let widths: [Column: Int] = [
    .state: 9, .percent: 5, .rate: 8, .left: 6, .elapsed: 7, .delay: 8, .languages: 10, .id: 22,
  ]
  /// The first to go when it gets narrow comes first.
  private static let dispensable: [Column] = [.rate, .id, .languages, .delay, .left, .bar, .elapsed]

  private let width: Int
  private var columns: [(column: Column, width: Int)]

  init(width: Int) {
    self.width = width
    var shown = Column.allCases
    func needed(_ columns: [Column]) -> Int {
      columns.reduce(0) { $0 + (Self.widths[$1] ?? ($1 == .bar ? 10 : 8)) } + Self.spacing * (columns.count - 1)
    }
    for column in Self.dispensable where needed(shown) > width { shown.removeAll { $0 == column } }
    // What is left over: a third makes the bar longer, the rest is the title's.
    let rest = max(0, width - needed(shown))
    let bar = shown.contains(.bar) ? min(30, 10 + rest / 3) : 0
    columns = shown.map { column in
      switch column {
      case .bar: (column, bar)
      case .title: (column, 8 + rest - max(0, bar - 10))
      default: (column, Self.widths[column]!)
      }
    }
  }

  var header: TopLine {
    var line = TopLine()
    for (index, (column, width)) in columns.enumerated() {
      if index > 0 { line.add(String(repeating: " ", count: Self.spacing), .header, limit: self.width) }
      let title =
        switch column {
        case .state: "STATE"
        case .bar: "PROGRESS"
        case .percent: columns.contains { $0.column == .bar } ? "" : "DONE"
        case .rate: "RATE"
        case .left: "LEFT"
        case .elapsed: "ELAPSED"
        case .delay: "DELAY"
        case .languages: "LANGUAGES"
        case .title: "TITLE"
        case .id: "ID"
        }
      let isNumber = [.percent, .rate, .left, .elapsed, .delay].contains(column)
      line.add(isNumber ? title.trailing(in: width) : title.fitted(to: width), .header, limit: self.width)
    }
    return line
  }

  func row(_ job: TopJob, at now: Double) -> TopLine {
    var line = TopLine()
    for (index, (column, width)) in columns.enumerated() {
      if index > 0 { line.add(String(repeating: " ", count: Self.spacing), limit: self.width) }
      switch column {
      case .state: line.add((job.status?.rawValue ?? "…").fitted(to: width), job.style, limit: self.width)
      case .bar: addBar(job, width, to: &line)
      case .percent: line.add(job.percent.trailing(in: width), limit: self.width)
      case .rate: line.add(job.rateText.trailing(in: width), limit: self.width)
      case .left: line.add((job.remaining(at: now)?.asTime ?? "").trailing(in: width), limit: self.width)
      case .elapsed: line.add(job.elapsed(at: now).asTime.trailing(in: width), limit: self.width)
      case .delay: line.add((job.delay?.asDelay ?? "").trailing(in: width), limit: self.width)
      case .languages: line.add((job.description?.languages ?? "").fitted(to: width), limit: self.width)
      case .title: addTitle(job, width, to: &line)
      case .id: line.add(job.id.inRow.fitted(to: width), .dim, limit: self.width)
      }
    }
    return line
  }

  /// In half columns: ━━━━╸────
  private func addBar(_ job: TopJob, _ width: Int, to line: inout TopLine) {
    let halves = Int((job.progress * Double(2 * width)).rounded(.down))
    let full = String(repeating: "━", count: halves / 2) + (halves % 2 == 1 ? "╸" : "")
    line.add(full, job.style, limit: self.width)
    line.add(String(repeating: "─", count: width - full.count), .dim, limit: self.width)
  }

  /// Of one that failed, why.
  private func addTitle(_ job: TopJob, _ width: Int, to line: inout TopLine) {
    let title = job.description?.title ?? ""
    guard let message = job.latest?.message?.inRow, !message.isEmpty else {
      return line.add(title.fitted(to: width), limit: self.width)
    }
    let text = title.isEmpty ? message : "\(title) · \(message)"
    line.add(text.fitted(to: width), job.status == .error ? .bad : .plain, limit: self.width)
  }
}

extension TopJob {
  var style: TopStyle {
    switch status {
    case .completed: .good
    case .error, .cancelled: .bad
    case .running: .active
    case .pending: .waiting
    case nil: .dim
    }
  }

  fileprivate var percent: String {
    latest?.progress == nil && status != .completed ? "" : "\((progress * 100).formatted(decimals: 0)) %"
  }

  fileprivate var rateText: String {
    guard status == .running, let rate else { return "" }
    // Slow ones by the minute: 0.0 %/s says nothing.
    return rate >= 0.001
      ? "\((rate * 100).formatted(decimals: 1)) %/s" : "\((rate * 6000).formatted(decimals: 1)) %/m"
  }
}

extension Double {
  /// `0:07`, `12:30`, `3h05`, `12d`, from seconds.
  var asTime: String {
    let seconds = Int(clamping: Int64(min(max(self, 0), 1e12)))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return switch seconds {
    case ..<3600: "\(seconds / 60):\(two(seconds % 60))"
    case ..<86400: "\(seconds / 3600)h\(two(seconds / 60 % 60))"
    default: "\(min(seconds / 86400, 99_999))d"
    }
  }

  /// `0.8 ms`, `120 ms`, `2.5 s`, `1:30`, from seconds.
  var asDelay: String {
    switch abs(self) {
    case ..<0.01: "\((self * 1000).formatted(decimals: 1)) ms"
    case ..<1: "\((self * 1000).formatted(decimals: 0)) ms"
    case ..<60: "\(formatted(decimals: 1)) s"
    default: (self < 0 ? "-" : "") + abs(self).asTime
    }
  }
}
