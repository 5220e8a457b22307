// What an event can hold.

import EventStream
import TestSupport
import Testing

@Suite(.paced, .timeLimit(.minutes(3)))
struct ServerSentEventTests {
  @Test func typeIsMessageUnlessGiven() throws {
    #expect(try ServerSentEvent(data: "a").type == "message")
    #expect(try ServerSentEvent(type: "", data: "a") == ServerSentEvent(data: "a"))
    #expect(try ServerSentEvent(type: "status", data: "a").type == "status")
  }

  @Test(arguments: [
    ("a\r\nb", "a\nb"), ("a\rb", "a\nb"), ("a\n\rb", "a\n\nb"), ("\r\r\n\n", "\n\n\n"), ("a\r\u{301}", "a\n\u{301}"),
    ("a\n", "a\n"), ("", ""), ("a\u{2028}\u{85}", "a\u{2028}\u{85}"),
  ])
  func dataHasOnlyLineFeeds(given: String, kept: String) throws {
    // By bytes: as Strings, "\r\n" and "\n" are unlike anyway, but "é" would equal "e\u{301}".
    #expect(try Array(ServerSentEvent(data: given).data.utf8) == Array(kept.utf8))
  }

  @Test(arguments: ["\n", "\r", "\r\n", "a\r\nb", "\n\u{301}", "a\r\u{200D}"])
  func lineEndsAreRefused(text: String) {
    #expect(throws: InvalidEventField.lineEndInType) { try ServerSentEvent(type: text, data: "") }
    #expect(throws: InvalidEventField.lineEndOrNULInID) { try ServerSentEvent(data: "", id: text) }
  }

  @Test func nulIsRefusedInAnIDAlone() throws {
    #expect(throws: InvalidEventField.lineEndOrNULInID) { try ServerSentEvent(data: "", id: "a\0") }
    #expect(try ServerSentEvent(type: "a\0", data: "b\0").type == "a\0")
  }

  @Test func errorsNameTheField() {
    #expect("\(InvalidEventField.lineEndInType)".contains("type"))
    #expect("\(InvalidEventField.lineEndOrNULInID)".contains("id"))
  }
}
