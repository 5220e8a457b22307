/// What there is to ask for, each by the template of its path.
enum Route: String, CaseIterable {
  case page = "/"
  case ownStatus = "/status"
  case translations = "/translations"
  case events = "/translations/events"
  case batch = "/translations/status"
  case translation = "/translations/{id}"
  case status = "/translations/{id}/status"
  case time = "/time"
  case live = "/healthz/live"
  case ready = "/healthz/ready"
  case metrics = "/metrics"
  case description = "/openapi.json"

  /// The one at a path, with the id that the path has in it; nil if there is nothing.
  static func at(_ path: String) -> (route: Route, id: String)? {
    if let route = Route(rawValue: path) { return (route, "") }
    let before = "/translations/".utf8
    guard path.utf8.starts(with: before) else { return nil }
    let rest = path.utf8.dropFirst(before.count)
    guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return (.translation, String(Substring(rest))) }
    guard rest[rest.index(after: slash)...].elementsEqual("status".utf8) else { return nil }
    return (.status, String(Substring(rest[..<slash])))
  }
}
