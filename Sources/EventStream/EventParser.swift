// Lines to events: the standard's interpretation of an event stream.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

/// Reads an event stream that comes in chunks of any size; what it says does not depend on where they are cut.
///
/// ```swift
/// var parser = EventParser()
/// try parser.feed(chunk) { item in
///   switch item {
///   case .event(let event): print(event.type, event.data)
///   case .comment: break
///   case .reconnectionTime(let milliseconds): delay = .milliseconds(milliseconds)
///   }
/// }
/// parser.endOfStream()  // before the next connection's first chunk
/// ```
///
/// An event whose one data line lies within a chunk is handed on as a slice of the chunk. Only what a chunk leaves
/// unfinished is copied.
public struct EventParser: ~Copyable, Sendable {
  private let maxEventBytes: Int
  private var splitter = LineSplitter()

  // The block being read. The standard's data buffer ends in a LF too many, which it takes off again; here a value that
  // is present but empty says the same.
  private var data = CarriedBytes()
  private var type = CarriedBytes()
  private var id = CarriedBytes()

  /// "The last event ID string", and how often a block has set it.
  private var committedID = CarriedBytes()
  private var idVersion = 0

  /// A parser for a stream's first connection, or, with `lastEventID`, one that goes on where an earlier one stopped.
  ///
  /// `maxEventBytes` bounds what is kept of one event, and so the memory: about twice as much at the worst.
  /// Traps if `lastEventID` holds CR, LF or NUL, which no event stream can have said.
  public init(lastEventID: String = "", maxEventBytes: Int = 16 << 20) {
    precondition(isEventID(lastEventID), "A last event ID cannot hold CR, LF or NUL.")
    self.maxEventBytes = maxEventBytes
    for byte in lastEventID.utf8 { committedID.append(byte) }
  }

  /// The id to send as `Last-Event-ID` when connecting again, `""` for none: that of the last block that ended. The id
  /// of an unfinished block does not count, or the block's event would never be sent again.
  public var lastEventID: String { String(repairing: committedID.bytes) }

  /// Reads the stream's next bytes and calls `receive`, in order, for each item that they complete.
  ///
  /// Throws ``EventTooLarge`` once what must be kept of an event (its data, type and id so far and the line being read)
  /// exceeds `maxEventBytes`. Items before it have been received, the rest of the chunk is not read, and the parser is
  /// as after ``endOfStream()``: the next bytes must be those of a new connection.
  public mutating func feed(
    _ chunk: UnsafeRawBufferPointer, _ receive: (borrowing EventStreamItem) -> Void
  ) throws(EventTooLarge) {
    // The quickest way through for those who send byte by byte.
    if chunk.count == 1, splitter.append(chunk[0], upTo: maxEventBytes - keptByteCount) { return }
    try read(splitter.begin(chunk), receive)
  }

  @inline(never)
  private mutating func read(
    _ chunk: UnsafeRawBufferPointer, _ receive: (borrowing EventStreamItem) -> Void
  ) throws(EventTooLarge) {
    guard !chunk.isEmpty else { return }
    var lines = ChunkLines(chunk)
    // A chunk that has room as a whole need not be measured line by line.
    let isMeasured = chunk.count > maxEventBytes - keptByteCount - splitter.openByteCount
    if let first = lines.next() { try read(first, &lines, isMeasured: isMeasured, receive) }
    let rest = lines.rest
    if splitter.openByteCount + rest.count > maxEventBytes - keptByteCount { throw eventTooLarge() }
    splitter.keep(rest)
  }

  /// The lines of a chunk in which `first` ends.
  @inline(__always)
  private mutating func read(
    _ first: UnsafeRawBufferPointer, _ lines: inout ChunkLines, isMeasured: Bool,
    _ receive: (borrowing EventStreamItem) -> Void
  ) throws(EventTooLarge) {
    var line = splitter.finish(first)
    while true {
      if line.isEmpty {
        endBlock(receive)
      } else if isMeasured, line.count > maxEventBytes - keptByteCount {
        throw eventTooLarge()
      } else {
        interpret(line, receive)
      }
      guard let next = lines.next() else { break }
      line = next
    }
    splitter.skipsLineFeed = lines.endsInCarriageReturn
    // The chunk goes, and with it the splitter's last line, and the values may point at either.
    data.keep()
    type.keep()
    id.keep()
    committedID.keep()
  }

  /// The connection ended. "Once the end of the file is reached, any pending data must be discarded": the unfinished
  /// block and its id. The last event ID stays. What is fed next begins a new stream, which may open with a byte order
  /// mark. Calling it twice is as calling it once.
  public mutating func endOfStream() {
    splitter.reset()
    data.release()
    type.release()
    id.release()
  }

  private var keptByteCount: Int { data.count + type.count + id.count }

  private mutating func eventTooLarge() -> EventTooLarge {
    committedID.keep()
    endOfStream()
    return EventTooLarge(maxEventBytes: maxEventBytes)
  }

  /// A line that is not empty. "If the line contains a colon: collect the characters before the first colon, and let
  /// field be that string. […] Otherwise: process the field using the whole line as the field name, and the empty string
  /// as the field value." A name that is none of the four is ignored, so no colon need be looked for.
  @inline(__always)
  private mutating func interpret(_ line: UnsafeRawBufferPointer, _ receive: (borrowing EventStreamItem) -> Void) {
    // Nearly all lines are these two, told by one comparison each.
    if line.count >= 8 {
      let start = line.word(at: 0)
      if start & 0xFF_FFFF_FFFF == Self.dataAndColon {
        return appendLine(line.slice(start &>> 40 & 0xFF == UInt64(UInt8.space) ? 6 : 5, line.count))
      }
      if start & 0xFF_FFFF == Self.idAndColon {
        return setID(line.slice(start &>> 24 & 0xFF == UInt64(UInt8.space) ? 4 : 3, line.count))
      }
    }
    interpretOther(line, receive)
  }

  /// `data:` and `id:`, the first byte the lowest.
  private static var dataAndColon: UInt64 { 0x3A_6174_6164 }
  private static var idAndColon: UInt64 { 0x3A_6469 }

  @inline(never)
  private mutating func interpretOther(_ line: UnsafeRawBufferPointer, _ receive: (borrowing EventStreamItem) -> Void) {
    switch line[0] {
    case UInt8(ascii: "d"):
      if let value = line.value(ofField: "data") { appendLine(value) }
    case UInt8(ascii: "i"):
      if let value = line.value(ofField: "id") { setID(value) }
    case UInt8(ascii: "e"):
      if let value = line.value(ofField: "event") { type.point(at: value) }
    case UInt8(ascii: "r"):
      if let milliseconds = line.value(ofField: "retry")?.decimal {
        receive(.reconnectionTime(milliseconds: milliseconds))
      }
    case .colon:
      receive(.comment(BorrowedComment(bytes: line.slice(1, line.count))))
    default: break
    }
  }

  /// "If the field value does not contain U+0000 NULL, then set the last event ID buffer to the field value."
  @inline(__always)
  private mutating func setID(_ value: UnsafeRawBufferPointer) {
    if !value.containsNUL { id.point(at: value) }
  }

  @inline(__always)
  private mutating func appendLine(_ value: UnsafeRawBufferPointer) {
    if data.isPresent {
      data.append(.lineFeed)
      data.append(value)
    } else {
      data.point(at: value)
    }
  }

  /// An empty line. "Set the last event ID string of the event source to the value of the last event ID buffer": first,
  /// and whether or not there is data. "If the data buffer is an empty string, set the data buffer and the event type
  /// buffer to the empty string and return."
  @inline(__always)
  private mutating func endBlock(_ receive: (borrowing EventStreamItem) -> Void) {
    if id.isPresent {
      committedID.take(&id)
      idVersion &+= 1
    }
    if data.isPresent {
      receive(
        .event(
          BorrowedEvent(
            dataBytes: data.bytes, typeBytes: type.bytes, idBytes: committedID.bytes, idVersion: idVersion)))
      data.clear()
    }
    type.clear()
  }
}
