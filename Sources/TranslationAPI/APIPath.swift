/// Where the API's resources are on a server.
package enum APIPath {
  /// The status of the translation.
  package static let status = "/status"
}
