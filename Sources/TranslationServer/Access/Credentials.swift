internal import EventStreamServer

/// The token that a request brings, and how.
enum Credentials: Equatable {
  case none
  case token(String, Way)
  /// In two ways, or twice: "Clients MUST NOT use more than one method to transmit the token" (RFC 6750, 2).
  case ambiguous

  enum Way: Equatable {
    case header
    /// In the URL, where others may see it.
    case query
    /// By the browser, whoever made it ask.
    case cookie
  }

  /// - Parameter takesURL: whether the token may come with the query or a cookie, as a browser's EventSource has to bring
  ///   it. What changes something takes neither: other pages can make a browser send both.
  init(of request: HTTPRequest, takesURL: Bool) {
    // Other schemes are none of ours: a proxy may ask for a password, and pass it on.
    let bearers = request.fields.values(of: "Authorization").compactMap(Self.bearer)
    let queries = takesURL ? Query(request.query).values(of: "access_token") : []
    guard bearers.count + queries.count <= 1 else {
      self = .ambiguous
      return
    }
    if let token = bearers.first {
      self = .token(token, .header)
    } else if let token = queries.first {
      self = .token(token, .query)
    } else if takesURL, let token = Self.cookie(request.fields.values(of: "Cookie")) {
      self = .token(token, .cookie)
    } else {
      self = .none
    }
  }

  /// `Bearer TOKEN`; the scheme in any letter case (RFC 9110, 11.1).
  private static func bearer(_ value: String) -> String? {
    let words = value.split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    let token = words[1].drop { $0 == " " }
    return token.isEmpty ? nil : String(token)
  }

  /// The first one named `token` (RFC 6265, 5.4).
  private static func cookie(_ fields: [String]) -> String? {
    for pair in fields.flatMap({ $0.split(separator: ";") }) {
      let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
      if parts.count == 2, parts[0] == "token" { return String(parts[1]) }
    }
    return nil
  }
}
