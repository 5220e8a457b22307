// What a parser hands to its receiver: borrowed views, good for one call, that copy nothing until asked.

/// Something that an event stream said.
public enum EventStreamItem: ~Copyable {
  /// A block with data ended.
  case event(BorrowedEvent)

  /// A line that begins with a colon: often a heartbeat, never part of an event.
  case comment(BorrowedComment)

  /// `retry`: how long to wait before connecting again. A number past `UInt64.max` counts as `UInt64.max`: cap it.
  case reconnectionTime(milliseconds: UInt64)
}

/// An event in the parser's memory or in the chunk being fed, for the duration of the receiver's call.
///
/// It cannot be copied, so it cannot be kept; keep `ServerSentEvent(event)` instead.
public struct BorrowedEvent: ~Copyable {
  @usableFromInline let dataBytes: UnsafeRawBufferPointer
  /// Empty if the block named none.
  let typeBytes: UnsafeRawBufferPointer
  let idBytes: UnsafeRawBufferPointer
  /// Another one for each id that the stream has set.
  let idVersion: Int

  /// Whether the type is the default, `"message"`. Makes no String.
  public var isMessage: Bool { typeBytes.isEmpty || typeBytes.elementsEqual("message".utf8) }

  /// The event type, never empty. Makes a String.
  public var type: String { isMessage ? "message" : String(repairing: typeBytes) }

  /// The payload, its lines parted by LF. Makes a String; invalid UTF-8 becomes U+FFFD, as the Encoding standard has it.
  public var data: String { String(repairing: dataBytes) }

  /// The last event ID as of this event, `""` if there is none. Makes a String.
  public var id: String { String(repairing: idBytes) }

  /// An owned copy. (What initializers return is copied once more on its way, in words that do not match those that it
  /// was written in: a twelfth of the time that an event takes.)
  @usableFromInline
  func kept() -> ServerSentEvent {
    // Nothing to check: the parser took every CR, LF for a line end, and passed over every id with NUL.
    ServerSentEvent(unchecked: data, type: type, id: EventID(idBytes))
  }

  /// Calls `body` with the payload as it came, not checked to be UTF-8. The bytes must not leave `body`.
  @inlinable
  public func withDataBytes<R, E>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try body(dataBytes)
  }
}

/// A comment in the parser's memory or in the chunk being fed, for the duration of the receiver's call.
public struct BorrowedComment: ~Copyable {
  let bytes: UnsafeRawBufferPointer

  /// All that follows the colon, a leading space included: the standard gives comments no inner form. Makes a String.
  public var text: String { String(repairing: bytes) }
}

extension String {
  /// "UTF-8 decode": each maximal part of an ill-formed sequence becomes one U+FFFD.
  init(repairing bytes: UnsafeRawBufferPointer) {
    // The typed pointer takes the standard library's quickest way; the bytes of a stream are bound to no type.
    self = bytes.withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) }
  }
}
