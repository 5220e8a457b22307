// What is written, and that it reads back.

import EventStream
import TestSupport
import Testing

@Suite(.paced, .timeLimit(.minutes(3)))
struct EventEncoderTests {
  @Test func anEventIsWrittenInFull() throws {
    #expect(text(try ServerSentEvent(data: "a")) == "data: a\n\n")
    #expect(text(try ServerSentEvent(data: "")) == "data: \n\n")
    #expect(text(try ServerSentEvent(data: " a")) == "data:  a\n\n")
    #expect(text(try ServerSentEvent(data: "a\r\nb\n")) == "data: a\ndata: b\ndata: \n\n")
    #expect(text(try ServerSentEvent(type: "t", data: "a", id: "1")) == "event: t\nid: 1\ndata: a\n\n")
    #expect(text(try ServerSentEvent(type: "message", data: "a")) == "data: a\n\n")
  }

  @Test func aCommentCannotBecomeAnythingElse() {
    for (comment, written) in [
      ("", ":\n\n"), (" hi", ": hi\n\n"), ("a\ndata: b", ":a\n:data: b\n\n"), ("a\r\nb\rc\n", ":a\n:b\n:c\n:\n\n"),
    ] {
      var bytes: [UInt8] = []
      EventEncoder.encode(comment: comment, into: &bytes)
      #expect(String(decoding: bytes, as: UTF8.self) == written)
    }
  }

  @Test func aReconnectionTimeReadsBack() {
    for milliseconds: UInt64 in [0, 2000, .max] {
      var bytes: [UInt8] = []
      EventEncoder.encode(reconnectionTimeMilliseconds: milliseconds, into: &bytes)
      #expect(read(bytes).items == [.reconnectionTime(milliseconds)])
    }
  }

  @Test func blocksDoNotRunIntoEachOther() throws {
    var bytes: [UInt8] = []
    EventEncoder.encode(comment: "a", into: &bytes)
    EventEncoder.encode(try ServerSentEvent(data: "b"), into: &bytes)
    EventEncoder.encode(comment: "c", into: &bytes)
    EventEncoder.encode(reconnectionTimeMilliseconds: 1, into: &bytes)
    EventEncoder.encode(try ServerSentEvent(type: "t", data: "d"), into: &bytes)
    EventEncoder.encode(try ServerSentEvent(data: "e"), into: &bytes)
    #expect(
      read(bytes).items == [
        .comment("a"), .message("b"), .comment("c"), .reconnectionTime(1), .event(type: "t", data: "d", id: ""),
        .message("e"),
      ])
  }

  /// decode(encode(x)) == x, for an event alone and for events in a row. In a row an empty id means "as before".
  @Test func whatIsWrittenReadsBack() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<2000 {
      var stream: [UInt8] = []
      var expected: [ServerSentEvent] = []
      for _ in 0...random.below(4) {
        let event = try ServerSentEvent(
          type: word(&random, without: "\r\n"), data: word(&random, without: ""), id: word(&random, without: "\r\n\0"))
        #expect(EventParser.events(in: EventEncoder.encode(event)) == [event])

        EventEncoder.encode(event, into: &stream)
        let id = event.id.isEmpty ? expected.last?.id ?? "" : event.id
        expected.append(try ServerSentEvent(type: event.type, data: event.data, id: id))
      }
      #expect(EventParser.events(in: stream) == expected)
    }
  }

  private func text(_ event: ServerSentEvent) -> String { String(decoding: EventEncoder.encode(event), as: UTF8.self) }

  private func word(_ random: inout SeededGenerator, without excluded: String) -> String {
    let scalars: [Unicode.Scalar] = [
      "a", "b", " ", ":", "\n", "\r", "\n", "\r", "\0", "\t", "é", "\u{301}", "\u{200D}", "\u{2028}", "\u{FEFF}",
      "\u{1F300}",
    ]
    var view = String.UnicodeScalarView()
    for _ in 0..<random.below(6) {
      let scalar = scalars[random.below(scalars.count)]
      if !excluded.unicodeScalars.contains(scalar) { view.append(scalar) }
    }
    return String(view)
  }
}
