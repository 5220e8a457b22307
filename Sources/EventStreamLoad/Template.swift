/// A text with places for a topic's number, a time and a sequence number: `{n}`, `{time}`, `{sequence}`.
struct Template {
  private enum Part {
    case text(String), topic, time, sequence
  }
  private var parts: [Part] = []

  init(_ text: String) {
    var rest = text[...]
    while let (range, part) = Self.first(in: rest) {
      if range.lowerBound > rest.startIndex { parts.append(.text(String(rest[..<range.lowerBound]))) }
      parts.append(part)
      rest = rest[range.upperBound...]
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
  }

  private static func first(in text: Substring) -> (Range<Substring.Index>, Part)? {
    let names: [(String, Part)] = [("{n}", .topic), ("{time}", .time), ("{sequence}", .sequence)]
    var start = text.startIndex
    while let brace = text[start...].firstIndex(of: "{") {
      for (name, part) in names where text[brace...].hasPrefix(name) {
        return (brace..<text.index(brace, offsetBy: name.count), part)
      }
      start = text.index(after: brace)
    }
    return nil
  }

  /// - Parameter time: nanoseconds since 1970; written as seconds, to the microsecond.
  func text(topic: Int, time: UInt64 = 0, sequence: Int = 0) -> String {
    var result = ""
    for part in parts {
      switch part {
      case .text(let text): result += text
      case .topic: result += String(topic)
      case .time:
        let fraction = String(time / 1000 % 1_000_000)
        result += "\(time / 1_000_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
      case .sequence: result += String(sequence)
      }
    }
    return result
  }
}
