@testable import tclient

/// What a terminal shows after some output: as much of ECMA-48 as `top` uses.
struct VirtualScreen {
  private(set) var cells: [[Character]]
  private(set) var isAlternate = false
  private(set) var hidesCursor = false
  private var row = 0
  private var column = 0
  private let columns: Int

  init(columns: Int, rows: Int) {
    self.columns = columns
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  /// Without spaces at the ends.
  var lines: [String] {
    cells.map { row in
      // The second half of a wide character is a zero.
      var line = row.filter { $0 != "\0" }
      while line.last == " " { line.removeLast() }
      return String(line)
    }
  }

  mutating func write(_ text: String) {
    var rest = Substring(text)
    while let character = rest.first {
      rest.removeFirst()
      guard character == "\u{1B}" else {
        put(character)
        continue
      }
      guard let sequence = rest.prefixMatch(of: /\[(\??)([0-9;]*)([A-Za-z])/) else { continue }
      rest = rest[sequence.range.upperBound...]
      act(String(sequence.3), String(sequence.2), isPrivate: !sequence.1.isEmpty)
    }
  }

  private mutating func put(_ character: Character) {
    let width = String(character).columns
    guard width > 0, character != "\u{18}", row < cells.count else { return }
    // Without wrapping, the last column takes it.
    let place = min(column, columns - width)
    cells[row][place] = character
    if width == 2 { cells[row][place + 1] = "\0" }
    column = min(column + width, columns)
  }

  private mutating func act(_ final: String, _ parameters: String, isPrivate: Bool) {
    let numbers = parameters.split(separator: ";").compactMap { Int($0) }
    switch (final, isPrivate) {
    case ("H", false):
      row = (numbers.first ?? 1) - 1
      column = (numbers.count > 1 ? numbers[1] : 1) - 1
    case ("J", false): for index in cells.indices { cells[index] = Array(repeating: " ", count: columns) }
    case ("K", false): for index in min(column, columns - 1)..<columns { cells[row][index] = " " }
    case ("h", true), ("l", true):
      if numbers == [1049] { isAlternate = final == "h" }
      if numbers == [25] { hidesCursor = final == "l" }
    default: break
    }
  }
}
