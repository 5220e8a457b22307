/// The tokens that the operator has given out, each with its roles, and the rules for those that others give out.
struct TokenTable: Sendable {
  /// Whose a token is.
  struct Identity {
    var roles: Set<Role>
    var grant: Grant
    var name: PublisherName
  }

  private var known: [(digest: TokenDigest, role: Role)] = []
  private let rules: JSONWebToken.Rules?

  init(_ access: Access) {
    for (tokens, role) in [
      (access.subscribeTokens, Role.subscribe), (access.publishTokens, .publish), (access.adminTokens, .admin),
    ] {
      known += tokens.map { (TokenDigest(of: $0), role) }
    }
    rules = access.keys.map { JSONWebToken.Rules(keys: $0, audience: access.audience, issuer: access.issuer) }
  }

  /// - Parameter now: seconds since 1970.
  func identity(of token: String, at now: Double) throws(JSONWebToken.Refusal) -> Identity {
    let digest = TokenDigest(of: token)
    var roles: Set<Role> = []
    // All of them, in the same time wherever it stands.
    for (other, role) in known where digest.matches(other) { roles.insert(role) }
    if !roles.isEmpty { return Identity(roles: roles, grant: .unlimited, name: .token(digest)) }
    guard let rules else { throw JSONWebToken.Refusal("The token is not known here.") }
    let web = try JSONWebToken(token, by: rules, at: now)
    return Identity(
      roles: web.roles, grant: Grant(jobs: web.jobs, expires: web.expires),
      name: web.subject.map { .subject($0) } ?? .token(digest))
  }
}

/// Whose requests are counted together.
enum PublisherName: Hashable, Sendable {
  case token(TokenDigest)
  /// The `sub` of tokens, which change more often than who brings them.
  case subject(String)
  case address(String)
}
