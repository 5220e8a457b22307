// Where things lie: bytes are looked at 64, 16 and 8 at a time, and none of that may show.

import TestSupport
import Testing

@testable import EventStream

@Suite(.paced, .timeLimit(.minutes(3)))
struct PositionTests {
  /// A value of each length, so that each line end lies at each position of the bytes looked at together.
  @Test(arguments: ["\n", "\r", "\r\n"], [1, 2, 3, 63, 64, 65, 1_000_000])
  func aLineMayEndAnywhere(lineEnd: String, chunk: Int) {
    var stream = ""
    var expected: [Item] = []
    for length in 0...300 {
      // Between them what only looks like a line end.
      let value = String(repeating: "x\t\u{0B}\u{0C}\u{85}\u{8A}", count: length).unicodeScalars.prefix(length)
      stream += "data: \(String(String.UnicodeScalarView(value)))" + lineEnd + lineEnd
      expected.append(.message(String(String.UnicodeScalarView(value))))
    }
    let bytes = Array(stream.utf8)
    var parser = EventParser()
    let chunks = stride(from: 0, to: bytes.count, by: chunk).map { bytes[$0..<min($0 + chunk, bytes.count)] }
    #expect(parser.read(chunks).items == expected)
  }

  @Test func aNULMayLieAnywhereInAnID() {
    for length in 1...40 {
      for position in 0..<length {
        var id = [UInt8](repeating: UInt8(ascii: "i"), count: length)
        id[position] = 0
        let events = EventParser.events(in: Array("id: before\nid: ".utf8) + id + Array("\ndata\n\n".utf8))
        #expect(events.map(\.id) == ["before"], "\(length) bytes, NUL at \(position)")
      }
    }
  }

  /// An id is kept in one way when it is short and ASCII, and in another when it is not.
  @Test func anIDOfAnyLengthIsItself() throws {
    for length in 0...40 {
      for text in [String("0123456789".randomElement()!), "\u{7F}", "é", "\u{1F300}"] {
        let id = String(String(repeating: "abcdefghij", count: 4).prefix(length)) + text
        let event = try ServerSentEvent(data: "", id: id)
        #expect(event.id == id)
        let read = EventParser.events(in: EventEncoder.encode(event))
        #expect(read == [event])
        #expect(read.map(\.hashValue) == [event.hashValue])
        #expect(try event != ServerSentEvent(data: "", id: id + "a"))
        #expect(try event != ServerSentEvent(data: "", id: String(id.dropLast()) + "_"))
      }
    }
  }

  /// "UTF-8 decode": what is not UTF-8 reads as U+FFFD, also in an id of few bytes.
  @Test func anIDIsRepaired() {
    let events = EventParser.events(in: Array("id: a".utf8) + [0xFF] + Array("\ndata\n\n".utf8))
    #expect(events.map(\.id) == ["a\u{FFFD}"])
  }

  /// What is asked of the parser between connections.
  @Test func theLastEventIDOutlivesItsChunk() throws {
    var parser = EventParser(lastEventID: "of an earlier connection, and longer than most")
    #expect(parser.lastEventID == "of an earlier connection, and longer than most")
    for id in ["1", String(repeating: "2", count: 100), "", "3"] {
      _ = parser.read([Array("id: \(id)\n\nid: not committed\n".utf8)[...]])
      #expect(parser.lastEventID == id)
    }
  }
}
