internal import EventStreamServer

/// The page that shows a person one status as it changes, from the event stream at its own URL.
enum StatusPage {
  static func response() -> HTTPResponse {
    Page(title: "Translation status", style: style, content: content, script: script).response()
  }
}
