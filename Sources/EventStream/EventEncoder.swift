// Events to bytes, the way back.

/// Writes an event stream.
///
/// Each call writes a whole block, blank line included, so what several calls wrote may be joined in any order. What is
/// written reads back as it was, for one exception: an event with the id `""` writes no id and so reads back with
/// the id that was in force before it, which is what `""` means to a reader who looks at one event alone.
///
/// ```swift
/// var bytes: [UInt8] = []
/// EventEncoder.encode(reconnectionTimeMilliseconds: 2000, into: &bytes)
/// EventEncoder.encode(try ServerSentEvent(data: "hello", id: "1"), into: &bytes)
/// // retry: 2000␊␊id: 1␊data: hello␊␊
/// ```
public enum EventEncoder {
  /// Appends an event. The default type and an empty id write no line.
  public static func encode(_ event: ServerSentEvent, into bytes: inout [UInt8]) {
    encode(type: event.type, id: event.id, data: event.data, into: &bytes)
  }

  /// The same of an event without an id that is not needed as a value. The type must not hold a line end.
  package static func encode(type: String, data: String) -> [UInt8] {
    var bytes: [UInt8] = []
    encode(type: type, id: "", data: data, into: &bytes)
    return bytes
  }

  private static func encode(type: String, id: String, data: String, into bytes: inout [UInt8]) {
    // Safe as they are: neither an id nor a type can hold a line end.
    if type != "message", !type.isEmpty { appendLine("event: ", type, to: &bytes) }
    if !id.isEmpty { appendLine("id: ", id, to: &bytes) }
    // Always with the space, since a reader takes one away: a value that begins with a space must keep it.
    appendLines("data: ", data, to: &bytes)
    bytes.append(.lineFeed)
  }

  /// An event as bytes of its own.
  public static func encode(_ event: ServerSentEvent) -> [UInt8] {
    var bytes: [UInt8] = []
    encode(event, into: &bytes)
    return bytes
  }

  /// Appends a comment, `text` straight after the colon; each of its lines becomes a comment. A heartbeat is the
  /// comment `""`.
  public static func encode(comment text: String, into bytes: inout [UInt8]) {
    appendLines(":", text, to: &bytes)
    // No event needs this blank line. A reader that splits at blank lines and throws away what begins with a colon does.
    bytes.append(.lineFeed)
  }

  /// Appends the time that readers are to wait before they connect again.
  public static func encode(reconnectionTimeMilliseconds milliseconds: UInt64, into bytes: inout [UInt8]) {
    appendLine("retry: ", String(milliseconds), to: &bytes)
    bytes.append(.lineFeed)
  }

  private static func appendLine(_ prefix: StaticString, _ value: String, to bytes: inout [UInt8]) {
    var value = value
    value.withUTF8 { appendLine(prefix, UnsafeRawBufferPointer($0), to: &bytes) }
  }

  /// A line for each line of `text`, ended by LF, CR or CRLF; one also for an empty text or after a last line end.
  private static func appendLines(_ prefix: StaticString, _ text: String, to bytes: inout [UInt8]) {
    var text = text
    text.withUTF8 { utf8 in
      bytes.reserveCapacity(bytes.count + prefix.utf8CodeUnitCount + utf8.count + 2)
      guard !utf8.isEmpty else { return appendLine(prefix, UnsafeRawBufferPointer(utf8), to: &bytes) }
      var lines = ChunkLines(UnsafeRawBufferPointer(utf8))
      while let line = lines.next() { appendLine(prefix, line, to: &bytes) }
      appendLine(prefix, lines.rest, to: &bytes)
    }
  }

  private static func appendLine(
    _ prefix: StaticString, _ value: UnsafeRawBufferPointer, to bytes: inout [UInt8]
  ) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
    bytes.append(contentsOf: value)
    bytes.append(.lineFeed)
  }
}
