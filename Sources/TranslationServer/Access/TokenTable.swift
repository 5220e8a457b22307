internal import EventStreamServer

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

  /// Who may open streams.
  private enum Reader: Hashable {
    case everybody
    case token(TokenDigest)
    case signed(VerificationKey, audience: String?, issuer: String?)
  }
  private var owners: [Reader: StreamOwner] = [:]

  /// - Parameter last: the table that this one takes the place of: who may read by both stays who he is.
  init(_ access: Access, after last: TokenTable? = nil) {
    for (tokens, role) in [
      (access.subscribeTokens, Role.subscribe), (access.publishTokens, .publish), (access.adminTokens, .admin),
    ] {
      known += tokens.map { (TokenDigest(of: $0), role) }
    }
    rules = access.keys.map { JSONWebToken.Rules(keys: $0, audience: access.audience, issuer: access.issuer) }
    var readers = known.filter { $0.role != .publish }.map { Reader.token($0.digest) }
    readers += access.keys?.keys.map { signed(by: $0.verification) } ?? []
    if access.isReadingOpen { readers.append(.everybody) }
    for reader in readers { owners[reader] = last?.owners[reader] ?? StreamOwner() }
  }

  private func signed(by key: VerificationKey) -> Reader {
    .signed(key, audience: rules?.audience, issuer: rules?.issuer)
  }

  /// Those who may read by this table and not by the next one.
  func owners(lostIn next: TokenTable) -> [StreamOwner] {
    owners.filter { next.owners[$0.key] == nil }.map(\.value)
  }

  /// What everybody may who brings no token, where reading is open.
  var everybody: Grant { Grant(owner: owners[.everybody]) }

  /// - Parameter now: seconds since 1970.
  func identity(of token: String, at now: Double) throws(JSONWebToken.Refusal) -> Identity {
    let digest = TokenDigest(of: token)
    var roles: Set<Role> = []
    // All of them, in the same time wherever it stands.
    for (other, role) in known where digest.matches(other) { roles.insert(role) }
    if !roles.isEmpty {
      return Identity(roles: roles, grant: Grant(owner: owners[.token(digest)]), name: .token(digest))
    }
    guard let rules else { throw JSONWebToken.Refusal("The token is not known here.") }
    let web = try JSONWebToken(token, by: rules, at: now)
    return Identity(
      roles: web.roles, grant: Grant(jobs: web.jobs, expires: web.expires, owner: owners[signed(by: web.key)]),
      name: web.subject.map { .subject($0, signedBy: web.key) } ?? .token(digest))
  }
}

/// Whose requests are counted together.
enum PublisherName: Hashable, Sendable {
  case token(TokenDigest)
  /// The `sub` of tokens, which change more often than who brings them. It is one issuer's (RFC 7519, 4.1.2).
  case subject(String, signedBy: VerificationKey)
  case address(String)
}
