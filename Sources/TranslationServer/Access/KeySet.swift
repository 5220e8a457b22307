internal import TranslationAPI

/// The keys that tokens may be signed with: a JSON Web Key Set (RFC 7517).
public struct KeySet: Sendable {
  struct Key: Sendable {
    var id: String?
    var verification: VerificationKey
  }

  let keys: [Key]

  init(_ keys: [Key]) { self.keys = keys }

  /// Whether one of them can sign too: whoever reads it can make tokens.
  public var hasSecrets: Bool {
    keys.contains { if case .hs256 = $0.verification { true } else { false } }
  }

  /// Reads a set: `oct` keys for HS256, `OKP` keys of the curve Ed25519 for EdDSA, `EC` keys of the curve P-256 for
  /// ES256. Others are left out, as are keys that are for encryption or for another algorithm ("Implementations SHOULD
  /// ignore JWKs within a JWK Set […]", section 5).
  ///
  /// Throws if it is no key set, none of its keys is left, or a secret is shorter than its algorithm's hash.
  public init(json: [UInt8]) throws(AccessError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(json: json)
    } catch {
      throw AccessError("the key set is not JSON: \(error)")
    }
    guard let members = value.object?["keys"]?.array else {
      throw AccessError("the key set has to be an object with an array of keys: {\"keys\":[…]}")
    }
    var keys: [Key] = []
    for member in members {
      guard let member = member.object else { throw AccessError("a key of the key set is no object") }
      if let key = try Self.key(member) { keys.append(key) }
    }
    guard !keys.isEmpty else {
      throw AccessError("the key set has no key for HS256, EdDSA (Ed25519) or ES256 (P-256)")
    }
    self.keys = keys
  }

  private static func key(_ members: [String: JSONValue]) throws(AccessError) -> Key? {
    if let use = members["use"]?.string, use != "sig" { return nil }
    let operations = members["key_ops"]?.array?.compactMap(\.string)
    if let operations, !operations.contains("verify") { return nil }
    func bytes(_ name: String) -> [UInt8]? { members[name]?.string.flatMap { Base64URL.decode($0.utf8) } }
    let verification: VerificationKey?
    switch (members["kty"]?.string, members["crv"]?.string) {
    case ("oct", _):
      if let algorithm = members["alg"]?.string, algorithm != "HS256" { return nil }
      guard let secret = bytes("k") else { return nil }
      // "A key of the same size as the hash output […] or larger MUST be used" (RFC 7518, 3.2).
      guard secret.count >= 32 else { throw AccessError("a secret of the key set is shorter than 32 bytes") }
      verification = .secret(secret)
    case ("OKP", "Ed25519"):
      verification = bytes("x").flatMap(VerificationKey.ed25519)
    case ("EC", "P-256"):
      if let x = bytes("x"), let y = bytes("y") { verification = .p256(x, y) } else { verification = nil }
    default: return nil
    }
    guard let verification else { return nil }
    if let algorithm = members["alg"]?.string, !verification.algorithms.contains(algorithm) { return nil }
    return Key(id: members["kid"]?.string, verification: verification)
  }
}

/// Why the server cannot be told who may do what.
public struct AccessError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence for the operator; never with a token in it.
  public let description: String

  init(_ description: String) { self.description = description }
}
