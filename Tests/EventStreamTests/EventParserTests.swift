// The standard's rules one by one, each with every line end and at every chunk size.

import EventStream
import TestSupport
import Testing

/// A stream written with LF, and what it says.
struct Case: CustomTestStringConvertible, Sendable {
  let fact: String
  let stream: String
  let items: [Item]
  let lastEventID: String

  init(_ fact: String, _ stream: String, _ items: [Item], lastEventID: String = "") {
    self.fact = fact
    self.stream = stream
    self.items = items
    self.lastEventID = lastEventID
  }

  var testDescription: String { fact }
}

private let cases = [
  Case("an event is a data line and an empty line", "data: a\n\n", [.message("a")]),
  Case("data lines are joined with LF", "data: a\ndata: b\n\n", [.message("a\nb")]),
  Case("only one space is removed", "data:a\n\ndata:  b\n\ndata: \n\n", [.message("a"), .message(" b"), .message("")]),
  Case("a tab is not a space", "data:\ta\n\n", [.message("\ta")]),
  Case("a value may hold colons", "data: a:b: c\n\n", [.message("a:b: c")]),
  Case("a field without a colon has an empty value", "data\n\ndata\ndata\n\n", [.message(""), .message("\n")]),
  Case("empty data lines are kept", "data:\ndata: a\ndata\n\n", [.message("\na\n")]),
  Case("no data, no event", "event: a\n\nid: 1\n\n\n\n", [], lastEventID: "1"),
  Case("a type lasts for its block", "event: t\ndata: a\n\ndata: b\n\n", [event("t", "a"), .message("b")]),
  Case("an empty block resets the type", "event: t\n\ndata: a\n\n", [.message("a")]),
  Case("the last type counts", "event: t\nevent: u\ndata: a\n\n", [event("u", "a")]),
  Case("an empty type is the default", "event: t\nevent\ndata: a\n\n", [.message("a")]),
  Case("a type may follow the data", "data: a\nevent: t\n\n", [event("t", "a")]),
  Case(
    "an id is carried over", "id: 1\ndata: a\n\ndata: b\n\n", [.message("a", id: "1"), .message("b", id: "1")],
    lastEventID: "1"),
  Case("an empty id resets it", "id: 1\ndata: a\n\nid\ndata: b\n\n", [.message("a", id: "1"), .message("b")]),
  Case("the last id of a block counts", "id: 1\ndata: a\nid: 2\n\n", [.message("a", id: "2")], lastEventID: "2"),
  Case("an id with NUL is ignored", "id: 1\nid: 2\0\ndata: a\n\n", [.message("a", id: "1")], lastEventID: "1"),
  Case("an id counts without data", "id: 1\n\ndata: a\n\n", [.message("a", id: "1")], lastEventID: "1"),
  Case("an unfinished block is dropped", "data: a\n\nid: 9\ndata: b\n", [.message("a")]),
  Case("an unfinished line is dropped", "data: a\n\ndata: b", [.message("a")]),
  Case("other fields are ignored", "dat: a\ndataa: b\nDATA: c\n data: d\ni: 1\nx\nretr: 1\n\n", []),
  Case("other fields do not end an event", "data: a\nfoo: b\ndata: c\n\n", [.message("a\nc")]),
  Case("a comment is all behind the colon", ": a:b\n:\n:c\n", [.comment(" a:b"), .comment(""), .comment("c")]),
  Case("a comment is no part of an event", "data: a\n: x\ndata: b\n\n", [.comment(" x"), .message("a\nb")]),
  Case("retry is digits", "retry: 15\nretry:0\n", [.reconnectionTime(15), .reconnectionTime(0)]),
  Case(
    "retry is nothing but digits", "retry\nretry:\nretry: +5\nretry: -5\nretry: 5 \nretry:  5\nretry: 1.5\nretry: ٣\n",
    []),
  Case(
    "a huge retry is the largest", "retry: 18446744073709551616\nretry: 99999999999999999999999\n",
    [.reconnectionTime(.max), .reconnectionTime(.max)]),
  Case("retry takes up to 64 bits", "retry: 18446744073709551615\n", [.reconnectionTime(.max)]),
  Case("empty lines before and between are nothing", "\n\ndata: a\n\n\n\ndata: b\n\n", [.message("a"), .message("b")]),
  Case("NUL is data", "data: a\0b\n\n", [.message("a\0b")]),
  Case("the type message is the default", "event: message\ndata: a\n\n", [.message("a")]),
  Case("long lines are lines", "data: \(long)\ndata: \(long)\n\n", [.message("\(long)\n\(long)")]),
  Case(
    "other line separators are data", "data: a\u{2028}b\u{85}c\u{B}d\u{C}e\n\n",
    [.message("a\u{2028}b\u{85}c\u{B}d\u{C}e")]),
  Case("a value may begin with a combining mark", "data:\u{301}a\n\n", [.message("\u{301}a")]),
  Case("a value may begin with a joiner", "data: \u{200D}a\ndata:\u{200D}\n\n", [.message("\u{200D}a\n\u{200D}")]),
  Case("a value may begin with a variation selector", "data:\u{FE0F}\n\n", [.message("\u{FE0F}")]),
  Case("a value may begin with a vowel sign", "data:\u{93F}\ndata: \u{E31}\n\n", [.message("\u{93F}\n\u{E31}")]),
  Case(
    "a mark in an id and a type", "id:\u{301}\nevent:\u{301}\ndata\n\n",
    [.event(type: "\u{301}", data: "", id: "\u{301}")], lastEventID: "\u{301}"),
]

private let long = String(repeating: "0123456789 \u{1F300} ", count: 20)

private func event(_ type: String, _ data: String) -> Item { .event(type: type, data: data, id: "") }

@Suite(.paced, .timeLimit(.minutes(3)))
struct EventParserTests {
  @Test(arguments: cases)
  func theStandardIsFollowed(_ test: Case) {
    for lineEnd in ["\n", "\r", "\r\n"] {
      let bytes = Array(test.stream.utf8).flatMap { $0 == 0x0A ? Array(lineEnd.utf8) : [$0] }
      for size in [1, 2, 3, 7, 64, .max] {
        let reading = read(bytes, inChunksOf: size)
        #expect(reading.items == test.items, "line end \(lineEnd.debugDescription), chunks of \(size)")
        #expect(reading.lastEventID == test.lastEventID, "line end \(lineEnd.debugDescription), chunks of \(size)")
      }
    }
  }

  @Test(arguments: [1, 2, 3, .max])
  func lineEndsMayBeMixed(size: Int) {
    let reading = read("data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\r\ndata: e\r\n\n", inChunksOf: size)
    #expect(reading.items == [.message("a\nb\nc"), .message("d"), .message("e")])
  }

  @Test func carriageReturnEndsItsLineAtOnce() throws {
    var parser = EventParser()
    var items: [Item] = []
    try parser.feed(Array("data: x\r\r".utf8)[...]) { items.append(Item($0)) }
    #expect(items == [.message("x")])
    // The second CR's LF, then an empty line that ends nothing.
    try parser.feed(Array("\n\ndata: y\r".utf8)[...]) { items.append(Item($0)) }
    try parser.feed([]) { items.append(Item($0)) }
    try parser.feed(Array("\n".utf8)[...]) { items.append(Item($0)) }
    #expect(items == [.message("x")])
    try parser.feed(Array("\r".utf8)[...]) { items.append(Item($0)) }
    #expect(items == [.message("x"), .message("y")])
  }

  @Test(arguments: [1, 2, 3, .max])
  func byteOrderMarkCountsOnlyAtTheStart(size: Int) {
    let mark = "\u{FEFF}"
    #expect(read(mark + "data: a\n\n", inChunksOf: size).items == [.message("a")])
    #expect(read(mark + "\ndata: a\n\n", inChunksOf: size).items == [.message("a")])
    #expect(read(mark + mark + "data: a\n\n", inChunksOf: size).items == [])
    #expect(read("\n" + mark + "data: a\n\n", inChunksOf: size).items == [])
    #expect(read("data: a\n\n" + mark + "data: b\n\n", inChunksOf: size).items == [.message("a")])
    #expect(read("data: \(mark)a\n\n", inChunksOf: size).items == [.message(mark + "a")])
    #expect(read(mark, inChunksOf: size).items == [])
  }

  @Test(arguments: [1, 2, 3, .max])
  func partOfAByteOrderMarkIsContent(size: Int) {
    for part: [UInt8] in [[0xEF], [0xEF, 0xBB], [0xEF, 0xEF, 0xBB, 0xBF]] {
      #expect(read(part + Array("data: a\n\ndata: b\n\n".utf8), inChunksOf: size).items == [.message("b")])
      #expect(read(part + [0x0A] + Array("data: b\n\n".utf8), inChunksOf: size).items == [.message("b")])
    }
  }

  /// The counts are the Encoding standard's: one U+FFFD for each maximal part of an ill-formed sequence.
  @Test(
    arguments: [
      ([0xFF], 1), ([0xC3], 1), ([0xE2, 0x82], 1), ([0xF0, 0x9F, 0x8C], 1), ([0xC0, 0xAF], 2), ([0xE0, 0x80, 0x80], 3),
      ([0xED, 0xA0, 0x80], 3), ([0xF0, 0x80, 0x80, 0x80], 4), ([0xF5, 0x80], 2), ([0x80, 0x80], 2),
      ([0xE2, 0xE2, 0x82], 2),
    ] as [([UInt8], Int)])
  func invalidUTF8IsReplaced(bytes: [UInt8], replacements: Int) {
    let replaced = "a" + String(repeating: "\u{FFFD}", count: replacements)
    let line = Array("data: a".utf8) + bytes + [0x0A]
    for size in [1, 2, 3, .max] {
      #expect(read(line + line + [0x0A], inChunksOf: size).items == [.message(replaced + "\n" + replaced)])
    }
  }

  @Test func lastEventIDOutlivesTheConnection() throws {
    var parser = EventParser(lastEventID: "from before, and long enough for the heap")
    #expect(parser.read([Array("data: a\n\n".utf8)[...]]).items == [.message("a", id: parser.lastEventID)])
    #expect(parser.read([Array("id: 7\ndata: b\n\nid: 8\ndata: c\n".utf8)[...]]).lastEventID == "7")
    #expect(parser.read([Array("data: d\n\n".utf8)[...]]).items == [.message("d", id: "7")])
  }

  @Test func nothingElseOutlivesTheConnection() throws {
    var parser = EventParser()
    for unfinished in ["data: a\n", "event: t\n", "data: ", "\u{FEFF}", "data: x\r"] {
      #expect(parser.read([Array(unfinished.utf8)[...]]).items == [])
      // A byte order mark is one again, and a LF is an empty line again.
      #expect(parser.read([Array("\u{FEFF}data: b\n\n".utf8)[...]]).items == [.message("b")])
    }
    #expect(parser.read([[0xEF, 0xBB]]).items == [])
    #expect(parser.read([Array("data: b\n\n".utf8)[...]]).items == [.message("b")])
  }

  @Test func bytesAreHandedOnAsTheyCame() throws {
    var parser = EventParser()
    var seen: [[UInt8]] = []
    var types: [Bool] = []
    try parser.feed(Array("data: a".utf8) + [0xFF, 0x0A, 0x0A] + Array("event: t\ndata\n\n".utf8)) { item in
      switch item {
      case .event(let event):
        seen.append(event.withDataBytes { Array($0) })
        types.append(event.isMessage)
      default: break
      }
    }
    #expect(seen == [[0x61, 0xFF], []])
    #expect(types == [true, false])
  }

  @Test func wholeStreamsAreReadInOneCall() throws {
    let events = EventParser.events(
      in: Array(": hi\nid: 1\ndata: a\n\nevent: t\ndata: b\n\ndata: c".utf8), lastEventID: "0")
    #expect(
      events == [try ServerSentEvent(data: "a", id: "1"), try ServerSentEvent(type: "t", data: "b", id: "1")])
    #expect(EventParser.events(in: []) == [])
  }
}
