/// What a person typed.
enum TopKey: Hashable {
  case text(Character)
  case up, down, pageUp, pageDown, home, end
  case enter, backspace, escape
  case interrupt, suspend, redraw
}

/// Makes keys of the bytes that a terminal sends, in whatever pieces they come (ECMA-48, and xterm's control sequences).
struct TopKeyDecoder {
  private var pending: [UInt8] = []

  /// Whether it waits for the rest of something: after a moment it is told with `flush` that there is none.
  var isWaiting: Bool { !pending.isEmpty }

  mutating func decode(_ bytes: some Sequence<UInt8>) -> [TopKey] {
    pending += bytes
    var keys: [TopKey] = []
    while let (key, length) = next() {
      pending.removeFirst(length)
      if let key { keys.append(key) }
    }
    return keys
  }

  /// Nothing more came: an escape was the key of that name.
  mutating func flush() -> [TopKey] {
    defer { pending = [] }
    return pending == [0x1B] ? [.escape] : []
  }

  /// The first key, or nil for a sequence that means nothing here, and how many bytes it takes; nil if that is not
  /// complete.
  private func next() -> (key: TopKey?, length: Int)? {
    guard let first = pending.first else { return nil }
    switch first {
    case 0x1B: return sequence()
    case 3: return (.interrupt, 1)
    case 12: return (.redraw, 1)
    case 26: return (.suspend, 1)
    case 10, 13: return (.enter, 1)
    case 8, 127: return (.backspace, 1)
    case 0..<32: return (nil, 1)
    case 32..<127: return (.text(Character(Unicode.Scalar(first))), 1)
    default: return character(first)
    }
  }

  private func character(_ first: UInt8) -> (key: TopKey?, length: Int)? {
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
    guard pending.count >= length else { return nil }
    guard let text = String(validating: pending[..<length], as: UTF8.self), let character = text.first else {
      return (nil, 1)
    }
    return (.text(character), length)
  }

  /// CSI or SS3, parameters, and a final byte.
  private func sequence() -> (key: TopKey?, length: Int)? {
    guard pending.count > 1 else { return nil }
    guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else { return (.escape, 1) }
    guard let end = pending[2...].firstIndex(where: { 0x40...0x7E ~= $0 }) else {
      // No sequence is that long: noise.
      return pending.count > 32 ? (nil, pending.count) : nil
    }
    return (Self.key(pending[end], String(decoding: pending[2..<end], as: UTF8.self)), end + 1)
  }

  private static func key(_ final: UInt8, _ parameters: String) -> TopKey? {
    switch (final, parameters) {
    case (UInt8(ascii: "A"), _): .up
    case (UInt8(ascii: "B"), _): .down
    case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), "1"), (UInt8(ascii: "~"), "7"): .home
    case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), "4"), (UInt8(ascii: "~"), "8"): .end
    case (UInt8(ascii: "~"), "5"): .pageUp
    case (UInt8(ascii: "~"), "6"): .pageDown
    default: nil
    }
  }
}
