internal import TranslationAPI

/// A JSON Web Token (RFC 7519) whose signature and claims are good, in the compact form of RFC 7515.
struct JSONWebToken {
  var roles: Set<Role>
  /// The translations it is good for; nil for all.
  var jobs: Set<String>?
  /// Seconds since 1970 at which it ends.
  var expires: Double?
  var subject: String?
  /// The key that it is signed with.
  let key: VerificationKey

  /// What a token has to fulfil besides its signature.
  struct Rules: Sendable {
    var keys: KeySet
    var audience: String?
    var issuer: String?
  }

  /// Why a token is none of ours, in words that tell nothing of it but that.
  struct Refusal: Error, Hashable {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// How far ahead an issuer's clock may be, in seconds. There is none at the end of a token: at `exp` its streams end
  /// and it is refused, both at the same moment.
  static let leeway = 10.0
  /// The longest token, in bytes.
  static let limit = 8192

  init(_ text: String, by rules: Rules, at now: Double) throws(Refusal) {
    guard text.utf8.count <= Self.limit else { throw Refusal("The token is too long.") }
    let parts = Array(text.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let head = Base64URL.decode(parts[0]).flatMap(Self.object),
      let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2])
    else { throw Refusal("The token is malformed.") }
    let signed = Array(text.utf8.prefix(parts[0].count + 1 + parts[1].count))
    key = try Self.key(of: signature, of: signed, head, rules.keys)
    guard let claims = Self.object(payload) else { throw Refusal("The token is malformed.") }
    try Self.checkTime(claims, now)
    try Self.checkParties(claims, rules)
    expires = claims["exp"]?.number
    subject = claims["sub"]?.string
    roles = Set((claims["scope"]?.string ?? "").split(separator: " ").compactMap { Role(rawValue: String($0)) })
    if let list = claims["jobs"] {
      let ids = list.array?.compactMap(\.string)
      guard let ids, ids.count == list.array?.count else { throw Refusal("The token's jobs are no list of ids.") }
      jobs = Set(ids)
    }
  }

  private static func object(_ bytes: [UInt8]) -> [String: JSONValue]? { (try? JSONValue(json: bytes))?.object }

  private static func key(
    of signature: [UInt8], of text: [UInt8], _ head: [String: JSONValue], _ keys: KeySet
  ) throws(Refusal) -> VerificationKey {
    // "If any of the listed extension Header Parameters are not understood and supported by the recipient, then the JWS
    // is invalid" (RFC 7515, 4.1.11): here none is.
    guard head["crit"] == nil else { throw Refusal("The token needs what this server does not understand.") }
    if let type = head["typ"] {
      // Explicit typing (RFC 8725, 3.11): what was signed to be something else is no access token.
      guard let type = type.string?.lowercased(), ["jwt", "at+jwt", "application/at+jwt"].contains(type) else {
        throw Refusal("The token is of another type.")
      }
    }
    guard let algorithm = head["alg"]?.string else { throw Refusal("The token is malformed.") }
    if let id = head["kid"], id.string == nil { throw Refusal("The token is malformed.") }
    let id = head["kid"]?.string
    // The algorithm is the key's, and a token that names another one does not fit it. A key without an id may be meant
    // by any.
    let fitting = keys.keys.filter { key in
      key.verification.algorithms.contains(algorithm) && (id == nil || key.id == nil || key.id == id)
    }
    guard !fitting.isEmpty else { throw Refusal("No key of this server fits the token.") }
    guard let key = fitting.first(where: { $0.verification.isValid(signature, of: text) }) else {
      throw Refusal("The token's signature is not valid.")
    }
    return key.verification
  }

  private static func checkTime(_ claims: [String: JSONValue], _ now: Double) throws(Refusal) {
    if let end = claims["exp"] {
      guard let end = end.number else { throw Refusal("The token is malformed.") }
      guard now < end else { throw Refusal("The token has expired.") }
    }
    if let start = claims["nbf"] {
      guard let start = start.number else { throw Refusal("The token is malformed.") }
      guard now + leeway >= start else { throw Refusal("The token is not valid yet.") }
    }
  }

  private static func checkParties(_ claims: [String: JSONValue], _ rules: Rules) throws(Refusal) {
    if let issuer = rules.issuer, claims["iss"]?.string != issuer {
      throw Refusal("The token is of another issuer.")
    }
    // "If the principal processing the claim does not identify itself with a value in the "aud" claim when this claim
    // is present, then the JWT MUST be rejected" (RFC 7519, 4.1.3).
    guard claims["aud"] != nil || rules.audience != nil else { return }
    let audiences = claims["aud"]?.array?.compactMap(\.string) ?? claims["aud"]?.string.map { [$0] } ?? []
    guard let audience = rules.audience, audiences.contains(audience) else {
      throw Refusal("The token is for another audience.")
    }
  }
}
