internal import EventStreamServer

/// How a request without the right token is answered: RFC 6750, section 3.
extension HTTPResponse {
  private static let realm = #"Bearer realm="translations""#

  /// - Parameter reason: what is wrong with its token; nil if it has none ("the resource server SHOULD NOT include an
  ///   error code or other error information", 3.1).
  static func unauthorized(_ reason: String?) -> HTTPResponse {
    let error = reason.map { #", error="invalid_token", error_description="\#($0)""# } ?? ""
    return .problem(
      401, reason ?? "This needs a token: send it as Authorization: Bearer TOKEN.", ["WWW-Authenticate": realm + error])
  }

  static func insufficientScope(_ role: Role) -> HTTPResponse {
    .problem(
      403, "The token is not good for this: it takes one for \(role.rawValue).",
      ["WWW-Authenticate": realm + #", error="insufficient_scope", scope="\#(role.rawValue)""#])
  }

  /// The token is good, but for other translations.
  static var otherTranslation: HTTPResponse {
    .problem(
      403, "The token is not good for this translation.",
      ["WWW-Authenticate": realm + #", error="insufficient_scope""#])
  }

  static var ambiguousToken: HTTPResponse {
    .problem(
      400, "The token has to be sent once: in Authorization, or as access_token.",
      ["WWW-Authenticate": realm + #", error="invalid_request""#])
  }

  static func tooManyRequests(seconds: Int) -> HTTPResponse {
    .problem(
      429, "There are more requests than this token may publish with: try again in \(max(seconds, 1)) s.",
      ["Retry-After": "\(max(seconds, 1))"])
  }
}
