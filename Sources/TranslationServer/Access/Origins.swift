internal import EventStreamServer

/// Which pages of other origins may use the server, and the fields that tell browsers so: CORS, by the Fetch standard
/// (https://fetch.spec.whatwg.org/#http-cors-protocol).
struct Origins: Sendable {
  private let listed: Set<String>
  /// Every origin may read, without credentials.
  private let takesAny: Bool

  init(_ allowed: [String]) {
    listed = Set(allowed.map { $0.lowercased() }.filter { $0 != "*" })
    takesAny = allowed.contains("*")
  }

  private var isEmpty: Bool { listed.isEmpty && !takesAny }

  private func isListed(_ origin: String) -> Bool { listed.contains(origin.lowercased()) }

  /// The answer to a browser that asks what a page of another origin may do; nil to what is no such question, or if the
  /// server has nothing to say to other origins.
  func preflight(_ request: HTTPRequest) -> HTTPResponse? {
    guard !isEmpty, request.method == "OPTIONS", let origin = request.fields["Origin"],
      request.fields["Access-Control-Request-Method"] != nil
    else { return nil }
    guard isListed(origin) || takesAny else {
      return .problem(403, "Pages of this origin may not use the server: --allow-origin allows one.")
    }
    return HTTPResponse(
      status: 204,
      fields: [
        "Access-Control-Allow-Methods": isListed(origin) ? "GET, HEAD, POST, PUT, DELETE" : "GET, HEAD",
        "Access-Control-Allow-Headers": isListed(origin)
          ? "Authorization, Content-Type, If-Match, Idempotency-Key, Last-Event-ID" : "Last-Event-ID",
        "Access-Control-Max-Age": "3600",
      ])
  }

  /// Why a request that changes something is refused: a page of an origin that is not allowed makes it. Requests that no
  /// browser makes have no origin.
  func refusal(of request: HTTPRequest) -> HTTPResponse? {
    guard let origin = request.fields["Origin"], !isListed(origin), !Self.isOwn(origin, request) else { return nil }
    return .problem(403, "Pages of this origin may not change anything here: --allow-origin allows one.")
  }

  /// A page that the server itself has served. The scheme is not known here: a proxy may have spoken TLS for it.
  private static func isOwn(_ origin: String, _ request: HTTPRequest) -> Bool {
    guard let host = request.fields["Host"], let authority = authority(of: origin) else { return false }
    return authority.lowercased() == host.lowercased()
  }

  /// What stands behind the scheme; nil of `null`.
  static func authority(of origin: String) -> Substring? {
    for scheme in ["http://", "https://"] where origin.lowercased().hasPrefix(scheme) {
      return origin.dropFirst(scheme.count)
    }
    return nil
  }

  /// Puts in what the browser wants to see before it lets the page see the rest.
  func mark(_ response: inout HTTPResponse, to request: HTTPRequest) {
    guard !isEmpty else { return }
    // Also where no origin was sent: a cache must not give what it got to a page (RFC 9110, 12.5.5).
    if !listed.isEmpty {
      let vary = response.fields["Vary"]
      response.fields["Vary"] = vary.map { "\($0), Origin" } ?? "Origin"
    }
    guard let origin = request.fields["Origin"] else { return }
    if isListed(origin) {
      response.fields["Access-Control-Allow-Origin"] = origin
      response.fields["Access-Control-Allow-Credentials"] = "true"
    } else if takesAny {
      response.fields["Access-Control-Allow-Origin"] = "*"
    } else {
      return
    }
    response.fields["Access-Control-Expose-Headers"] = "ETag, Location, Retry-After"
  }
}
