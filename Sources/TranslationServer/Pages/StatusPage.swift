internal import EventStreamServer

/// The page that shows a person one status as it changes, from the event stream at its own URL.
enum StatusPage {
  /// - Parameter path: of the request.
  static func response(at path: String) -> HTTPResponse {
    let depth = path.utf8.count { $0 == UInt8(ascii: "/") }
    let root = depth > 1 ? String(repeating: "../", count: depth - 1) : "./"
    return Page(
      title: "Translation status", style: style, content: content(root: root),
      script: [Page.clock, Page.refusal, script].joined(separator: "\n"),
      root: root
    ).response()
  }
}
