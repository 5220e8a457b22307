// The limit on what is kept of one event.

import EventStream
import TestSupport
import Testing

@Suite(.paced, .timeLimit(.minutes(3)))
struct EventSizeTests {
  /// Each keeps 20 bytes at its fullest: the line being read and what the block had before it.
  @Test(arguments: [
    "data: 78901234567890\n\n",
    "data: 123456\ndata: 34567890\n\n",
    "event: 12\ndata: 901234567890\n\n",
    "id: 1\ndata: 8901234567890\n\n",
    ": 345678901234567890\n",
    "unknown: 01234567890\n",
    "a line without colon\n",
    "a line without end..",
  ])
  func theLimitIsTheSameAtEveryChunkSize(stream: String) {
    for size in [1, 2, 3, .max] {
      #expect(!read(Array(stream.utf8), inChunksOf: size, maxEventBytes: 20).wasTooLarge, "chunks of \(size)")
      #expect(read(Array(stream.utf8), inChunksOf: size, maxEventBytes: 19).wasTooLarge, "chunks of \(size)")
    }
  }

  @Test func whatIsNotKeptDoesNotCount() {
    let lines = "data: 123\n\n: 3456789\nunknown: 1\nid: 4567\nevent: 8\n\n"
    let stream = Array(String(repeating: lines, count: 100).utf8)
    for size in [1, 7, .max] {
      let reading = read(stream, inChunksOf: size, maxEventBytes: 14)
      #expect(!reading.wasTooLarge)
      #expect(reading.items.count == 200)
    }
  }

  @Test func aLineWithoutEndStopsAtTheLimit() {
    var parser = EventParser(maxEventBytes: 100_000)
    let chunk = [UInt8](repeating: 0x78, count: 1000)
    for _ in 0..<100 { #expect(throws: Never.self) { try parser.feed(chunk[...]) { _ in } } }
    #expect(throws: EventTooLarge(maxEventBytes: 100_000)) { try parser.feed(chunk[...]) { _ in } }
  }

  @Test func whatCameBeforeIsReceivedAndTheParserGoesOn() {
    var parser = EventParser(maxEventBytes: 20)
    let first = parser.read([Array("id: 1\ndata: a\n\nid: 2\ndata: much too long for it\n\n".utf8)[...]])
    #expect(first == Reading(items: [.message("a", id: "1")], lastEventID: "1", wasTooLarge: true))
    let second = parser.read([Array("\u{FEFF}data: b\n\n".utf8)[...]])
    #expect(second == Reading(items: [.message("b", id: "1")], lastEventID: "1"))
  }

  @Test func aParserThatThrewIsReadyForTheNextConnection() throws {
    var parser = EventParser(maxEventBytes: 20)
    try parser.feed(Array("event: t\ndata: a\n".utf8)[...]) { _ in }
    #expect(throws: EventTooLarge.self) { try parser.feed(Array("data: much too long for it".utf8)[...]) { _ in } }
    var items: [Item] = []
    try parser.feed(Array("\u{FEFF}data: b\n\n".utf8)[...]) { items.append(Item($0)) }
    #expect(items == [.message("b")])
  }

  @Test func largeEventsArriveWhole() {
    let line = String(repeating: "0123456789abcdef", count: 8192)
    let stream = Array("data: \(line)\ndata: \(line)\nid: 1\n\ndata: b\n\n".utf8)
    for size in [1000, 16384, .max] {
      let items = read(stream, inChunksOf: size).items
      #expect(items == [.message("\(line)\n\(line)", id: "1"), .message("b", id: "1")], "chunks of \(size)")
    }
  }

  @Test func theErrorSaysWhatToDo() {
    #expect("\(EventTooLarge(maxEventBytes: 20))".contains("larger than 20 bytes. Raise the limit"))
  }
}
