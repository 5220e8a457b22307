// An event as a value: what a server sends and what a client hands on.

/// One server-sent event.
///
/// Whatever is in one can be written to an event stream and read back as it was: an `id` never holds a line end or NUL,
/// a `type` never a line end, and `data` parts its lines with LF alone.
///
/// ```swift
/// let event = try ServerSentEvent(type: "status", data: #"{"status":"pending"}"#, id: "1733752895-1")
/// socket.write(EventEncoder.encode(event))
/// ```
public struct ServerSentEvent: Sendable, Hashable {
  /// The event type, never empty: `"message"` unless the stream said otherwise.
  public let type: String

  /// The payload, its lines parted by LF.
  public let data: String

  /// The last event ID as of this event: its own, or the one that an earlier event left behind; `""` if there is none.
  /// Makes a String each time.
  public var id: String { keptID.text }

  private let keptID: EventID

  /// Makes an event. CR and CRLF in `data` become LF, since an event stream cannot tell them apart; the type `""` becomes
  /// `"message"`, which is what a reader would make of it.
  ///
  /// Throws ``InvalidEventField`` if the type or the id could not be written without becoming something else.
  public init(type: String = "message", data: String, id: String = "") throws(InvalidEventField) {
    // Bytes, never Characters: "\r\n" is one Character.
    if type.contains(.lineFeed) || type.contains(.carriageReturn) { throw .lineEndInType }
    if !isEventID(id) { throw .lineEndOrNULInID }
    self.type = type.isEmpty ? "message" : type
    self.data = withLineFeeds(data)
    keptID = EventID(id)
  }

  /// Makes an owned copy, for keeping an event after the receiver has returned: valid UTF-8 even if the stream was not.
  @inlinable
  public init(_ event: borrowing BorrowedEvent) { self = event.kept() }

  /// What a stream said, which needs no checking.
  init(unchecked data: String, type: String, id: EventID) {
    self.type = type
    self.data = data
    keptID = id
  }
}

/// Why a type or an id cannot be sent in an event stream. Nothing is repaired silently: an id that changed on its way
/// would come back as a Last-Event-ID that nobody knows.
public enum InvalidEventField: Error, Sendable, Hashable, CustomStringConvertible {
  /// The type holds CR or LF: leave them out, or send them in the data.
  case lineEndInType

  /// The id holds CR, LF or NUL: leave them out, or encode the id (percent, base64) before.
  case lineEndOrNULInID

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .lineEndInType: "The event's type holds CR or LF. Leave them out, or send them in the data."
    case .lineEndOrNULInID: "The event's id holds CR, LF or NUL. Leave them out, or encode the id first."
    }
  }
}

/// Whether `id` could have come from an event stream: the standard ends it at CR and LF and ignores it with a NUL.
func isEventID(_ id: String) -> Bool {
  !(id.contains(.lineFeed) || id.contains(.carriageReturn) || id.contains(0))
}

/// `text` with every CRLF and CR made LF.
private func withLineFeeds(_ text: String) -> String {
  guard text.contains(.carriageReturn) else { return text }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count)
  var afterCR = false
  for byte in text.utf8 {
    if byte == .carriageReturn {
      bytes.append(.lineFeed)
    } else if !(byte == .lineFeed && afterCR) {
      bytes.append(byte)
    }
    afterCR = byte == .carriageReturn
  }
  return String(decoding: bytes, as: UTF8.self)
}

extension String {
  /// Whether `byte` is among the UTF-8 bytes. (`utf8.contains` walks indices, at three times the cost.)
  fileprivate func contains(_ byte: UInt8) -> Bool {
    utf8.withContiguousStorageIfAvailable { $0.contains(byte) } ?? utf8.contains(byte)
  }
}

extension UInt8 {
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let colon: UInt8 = 0x3A
}
