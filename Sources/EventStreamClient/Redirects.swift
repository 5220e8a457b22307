/// The redirects that one request leads through: as many as browsers follow, too few for a loop to matter.
struct Redirects {
  private var count = 0
  private static let limit = 10

  /// Makes `request` the one that follows the redirect.
  ///
  /// - Parameter url: where the redirect came from.
  /// - Returns: where it goes.
  mutating func follow(
    _ location: String, from url: CurlURL, status: Int, _ request: inout EventSource.Request
  ) throws(EventSourceError) -> CurlURL {
    count += 1
    guard count <= Self.limit else {
      throw .redirectFailed("more than \(Self.limit) in a row, the last one to \(location)")
    }
    do throws(EventSourceError) {
      let target = try CurlURL(location, relativeTo: url)
      request = request.redirected(by: status, to: target.text, sameOrigin: target.origin == url.origin)
      return target
    } catch {
      throw .redirectFailed("\(error)")
    }
  }
}
