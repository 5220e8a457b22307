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
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 2, parts[0].isEmpty, parts[1] == "translations" else { return nil }
    switch parts.count {
    case 3: return (.translation, String(parts[2]))
    case 4 where parts[3] == "status": return (.status, String(parts[2]))
    default: return nil
    }
  }
}
