// The one value that outlasts blocks and connections.

/// "The last event ID string": the bytes that set it, and the String from the first time that somebody asks for it until
/// the next id comes. Most receivers never ask.
///
/// An object, so that a borrowed event can refer to it while the parser is at work. Sendable unchecked, because a parser
/// owns it alone: it changes only within `feed`, which has the parser to itself, and borrowed events cannot leave that.
final class LastEventID: @unchecked Sendable {
  @exclusivity(unchecked) private var value = CarriedBytes()
  @exclusivity(unchecked) private var knownText: String?

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

  /// Takes `id` over and leaves it without a value.
  func commit(_ id: inout CarriedBytes) {
    swap(&id, &value)
    id.clear()
    knownText = nil
  }

  /// The chunk goes.
  func keep() { value.keep() }
}
