/// Where the API's resources are on a server.
package enum APIPath {
  /// The status of the server's own translation.
  package static let status = "/status"
  /// The server's clock.
  package static let time = "/time"
  /// All translations.
  package static let translations = "/translations"
  /// The statuses of many translations, in one stream.
  package static let events = "/translations/events"
  /// Many workers' changes in one request.
  package static let batch = "/translations/status"

  package static func translation(_ id: String) -> String { "\(translations)/\(id)" }
  package static func status(of id: String) -> String { "\(translations)/\(id)/status" }
}
