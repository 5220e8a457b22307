// The one value that outlasts blocks and connections.

/// "The last event ID string": the bytes that set it, and the String from the first time that somebody asks for it until
/// the next id comes. Most receivers never ask.
///
/// An object, so that a borrowed event can refer to it while the parser is at work. Sendable unchecked, because a parser
/// owns it alone: it changes only within `feed`, which has the parser to itself, and borrowed events cannot leave that.
final class LastEventID: @unchecked Sendable {
  @exclusivity(unchecked) private var value = CarriedBytes()
  @exclusivity(unchecked) private var knownText: String?
  /// How often it was set.
  @exclusivity(unchecked) private(set) var version = 0

  init(_ text: String) {
    knownText = text
  }

  /// For readers who may not change anything.
  var text: String { knownText ?? String(repairing: value.bytes) }

  /// For readers within `feed`: the same String each time.
  func rememberedText() -> String {
    let text = text
    knownText = text
    return text
  }

  var byteCount: Int { value.isPresent ? value.count : text.utf8.count }

  func append(to bytes: inout [UInt8]) {
    if value.isPresent { bytes.append(contentsOf: value.bytes) } else { bytes.append(contentsOf: text.utf8) }
  }

  /// Takes `id` over and leaves it without a value.
  func commit(_ id: inout CarriedBytes) {
    swap(&id, &value)
    id.clear()
    knownText = nil
    version &+= 1
  }

  /// The chunk goes.
  func keep() { value.keep() }
}
