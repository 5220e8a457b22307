internal import EventStreamServer

/// The page that shows a person all translations as they change, over one connection.
enum ListPage {
  static func response() -> HTTPResponse {
    Page(title: "Translations", style: style, content: content, script: script).response()
  }

  /// In the order in which one part needs the other when the page begins.
  private static let script = [
    Page.clock, Page.refusal, known, delays, rows, list, token, connection, actions, keys,
  ].joined(separator: "\n")
}
