// What the suites share: reading a stream in chunks and writing down all that was said.

import EventStream

/// An item of a stream, kept.
enum Item: Equatable {
  case event(type: String, data: String, id: String)
  case comment(String)
  case reconnectionTime(UInt64)

  static func message(_ data: String, id: String = "") -> Item { .event(type: "message", data: data, id: id) }

  init(_ item: borrowing EventStreamItem) {
    switch item {
    case .event(let event): self = .event(type: event.type, data: event.data, id: event.id)
    case .comment(let comment): self = .comment(comment.text)
    case .reconnectionTime(let milliseconds): self = .reconnectionTime(milliseconds)
    }
  }
}

/// All that came of reading a stream.
struct Reading: Equatable {
  var items: [Item] = []
  var lastEventID = ""
  var wasTooLarge = false
}

extension EventParser {
  /// Feeds one connection's chunks and ends it.
  mutating func read(_ chunks: [ArraySlice<UInt8>]) -> Reading {
    var reading = Reading()
    do throws(EventTooLarge) {
      for chunk in chunks { try feed(chunk) { reading.items.append(Item($0)) } }
    } catch {
      reading.wasTooLarge = true
    }
    endOfStream()
    reading.lastEventID = lastEventID
    return reading
  }

  /// Feeds a copy of the chunk and spoils it afterwards, so that a pointer into it shows.
  mutating func feed(
    _ chunk: ArraySlice<UInt8>, _ receive: (borrowing EventStreamItem) -> Void
  ) throws(EventTooLarge) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk.count, alignment: 1)
    chunk.withUnsafeBytes { copy.copyMemory(from: $0) }
    defer {
      copy.initializeMemory(as: UInt8.self, repeating: 0x21)
      copy.deallocate()
    }
    try feed(UnsafeRawBufferPointer(copy), receive)
  }
}

/// Reads one whole stream, cut into chunks of `size` bytes.
func read(
  _ bytes: [UInt8], inChunksOf size: Int = .max, lastEventID: String = "", maxEventBytes: Int = 16 << 20
) -> Reading {
  var parser = EventParser(lastEventID: lastEventID, maxEventBytes: maxEventBytes)
  return parser.read(bytes.cut(every: size))
}

func read(_ text: String, inChunksOf size: Int = .max) -> Reading {
  read(Array(text.utf8), inChunksOf: size)
}

extension [UInt8] {
  func cut(every size: Int) -> [ArraySlice<UInt8>] {
    var chunks: [ArraySlice<UInt8>] = []
    var rest = self[...]
    while !rest.isEmpty {
      chunks.append(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    return chunks
  }
}
