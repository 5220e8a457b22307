/// How a piece of text looks.
enum TopStyle {
  case plain, bold, dim, header
  case good, bad, active, waiting

  /// The parameters of Select Graphic Rendition.
  fileprivate var code: String {
    switch self {
    case .plain: ""
    case .bold: "1"
    case .dim: "2"
    case .header: "7"
    case .good: "32"
    case .bad: "31"
    case .active: "36"
    case .waiting: "33"
    }
  }
}

/// A line of the screen: pieces side by side, none wider than the screen.
struct TopLine: Hashable {
  struct Piece: Hashable {
    let column: Int
    let text: String
    let style: TopStyle
  }

  private(set) var pieces: [Piece] = []
  private(set) var width = 0

  /// Puts text at the end; what does not fit into `limit` columns is cut.
  mutating func add(_ text: String, _ style: TopStyle = .plain, limit: Int) {
    let room = limit - width
    guard room > 0, !text.isEmpty else { return }
    let columns = text.columns
    pieces.append(Piece(column: width, text: columns > room ? text.fitted(to: room) : text, style: style))
    width += min(columns, room)
  }

  /// For a reader who sees neither color nor place.
  var text: String { pieces.map(\.text).joined() }
}

/// Makes the bytes that turn one screen into another: only what changed, so that a slow connection keeps up.
struct TopFrames {
  let hasColor: Bool
  /// Nil: whatever is on the screen, it is not ours.
  private var shown: [TopLine]?

  init(hasColor: Bool) { self.hasColor = hasColor }

  /// The screen was resized, or someone else wrote to it.
  mutating func forget() { shown = nil }

  /// Empty if nothing changed.
  mutating func update(to lines: [TopLine]) -> String {
    defer { shown = lines }
    guard let shown, shown.count == lines.count else {
      return "\u{1B}[H\u{1B}[2J" + lines.enumerated().map { whole($1, at: $0) }.joined()
    }
    var text = ""
    for (row, (line, old)) in zip(lines, shown).enumerated() where line != old {
      text += isAligned(line, old) ? difference(of: line, old, at: row) : whole(line, at: row)
      // Not after a line that fills the screen: the cursor stays on its last column and would erase that.
      if line.width < old.width { text += "\u{1B}[K" }
    }
    return text
  }

  /// Whether each piece stands where one of the same width stood.
  private func isAligned(_ line: TopLine, _ old: TopLine) -> Bool {
    line.width == old.width && line.pieces.map(\.column) == old.pieces.map(\.column)
  }

  private func difference(of line: TopLine, _ old: TopLine, at row: Int) -> String {
    zip(line.pieces, old.pieces).map { $0 == $1 ? "" : move(row, $0.column) + painted($0) }.joined()
  }

  private func whole(_ line: TopLine, at row: Int) -> String {
    line.pieces.isEmpty ? move(row, 0) : move(row, 0) + line.pieces.map(painted).joined()
  }

  private func move(_ row: Int, _ column: Int) -> String { "\u{1B}[\(row + 1);\(column + 1)H" }

  private func painted(_ piece: TopLine.Piece) -> String {
    let code = piece.style.code
    // Bold, faint and inverse are no colors (https://no-color.org).
    let isColor = code.count == 2
    return code.isEmpty || isColor && !hasColor ? piece.text : "\u{1B}[\(code)m\(piece.text)\u{1B}[0m"
  }
}
