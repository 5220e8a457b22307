import ToolSupport

extension StringProtocol {
  /// The columns of a terminal that it takes, roughly by Unicode's East Asian Width (UAX #11).
  var columns: Int { reduce(0) { $0 + $1.columns } }

  /// Cut to `width` columns, with an ellipsis where something is missing, and filled up with spaces.
  func fitted(to width: Int) -> String {
    let whole = columns
    guard whole > width else { return self + String(repeating: " ", count: width - whole) }
    guard width > 0 else { return "" }
    var text = ""
    var used = 0
    for character in self {
      guard used + character.columns < width else { break }
      text.append(character)
      used += character.columns
    }
    return text + "…" + String(repeating: " ", count: width - used - 1)
  }

  /// Spaces before it, up to `width` columns; as it is if it is wider.
  func trailing(in width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - columns)) + self
  }
}

extension String {
  /// Words that someone else chose, for a row of a table: without what moves the cursor, ends a line or turns the
  /// direction of writing.
  var inRow: String {
    var text = Output.printable(self)
    text.unicodeScalars.removeAll {
      switch $0.properties.generalCategory {
      case .lineSeparator, .paragraphSeparator: true
      // The joiner holds emoji together.
      case .format: $0.value != 0x200D
      default: false
      }
    }
    return text
  }
}

extension Character {
  fileprivate var columns: Int {
    if isASCII { return 1 }
    var width = 0
    for scalar in unicodeScalars {
      // Asks for an emoji where the scalar alone would be a letter's size.
      if scalar.value == 0xFE0F { return 2 }
      width = max(width, scalar.columns)
    }
    return width
  }
}

extension Unicode.Scalar {
  fileprivate var columns: Int {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if properties.isEmojiPresentation { return 2 }
    return switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      2
    default: 1
    }
  }
}
