import TestSupport
import Testing

@testable import TranslationServer

/// Which form a client gets.
@Suite(.paced, .timeLimit(.minutes(3)))
struct AcceptTests {
  private enum Form: String, CaseIterable {
    case events = "text/event-stream"
    case json = "application/json"
    case page = "text/html"
  }

  @Test(
    arguments: [
      ("*/*", "text/event-stream"),
      ("", "text/event-stream"),
      ("nonsense", "text/event-stream"),
      ("text/event-stream", "text/event-stream"),
      ("TEXT/Event-Stream", "text/event-stream"),
      ("application/json", "application/json"),
      ("application/json; charset=utf-8", "application/json"),
      ("text/html", "text/html"),
      ("text/*", "text/event-stream"),
      ("application/*", "application/json"),
      // Chromium, Firefox and Safari, when a person goes there.
      (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8", "text/html"
      ),
      ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
      // axios.
      ("application/json, text/plain, */*", "application/json"),
      ("application/json;q=0.5, text/event-stream;q=0.4", "application/json"),
      ("application/json;q=0.5,text/event-stream;q=0.500", "text/event-stream"),
      ("text/event-stream;q=0, */*", "application/json"),
      ("text/*;q=0, */*;q=0.1", "application/json"),
      ("*/*;q=0.1, text/html;q=0.2", "text/html"),
      ("text/html;q=0.9;level=1, application/json ; q=0.95", "application/json"),
      ("text/html;a=\"x,*/*;q=1\\\",\";q=0.9, application/json;q=0.5", "text/html"),
      ("text/html;q=2, application/json;q=x, text/event-stream;q=0.1", "text/event-stream"),
      ("image/png", nil),
      ("image/*, audio/mpeg", nil),
      ("*/*;q=0", nil),
      ("*/html", "text/event-stream"),
    ] as [(String, String?)])
  func preference(accept: String, form: String?) {
    #expect(Accept([accept]).preferred(of: Form.allCases)?.rawValue == form)
  }

  @Test func severalFieldsAreOne() {
    #expect(Accept(["text/html;q=0.1", "application/json;q=0.2"]).preferred(of: Form.allCases) == .json)
    #expect(Accept([]).preferred(of: Form.allCases) == .events)
  }
}
