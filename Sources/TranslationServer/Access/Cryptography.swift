internal import Crypto

/// A key that says whether a signature is good: one algorithm each, so that a token cannot choose another one for it
/// (RFC 8725, 3.1).
enum VerificationKey: Sendable {
  /// HMAC with SHA-256.
  case hs256(SymmetricKey)
  /// Ed25519.
  case eddsa(Curve25519.Signing.PublicKey)
  /// ECDSA with P-256 and SHA-256.
  case es256(P256.Signing.PublicKey)

  /// What a token's `alg` may call it: RFC 7518, 3.1, RFC 8037, 3.1, and RFC 9864, 2.2.
  var algorithms: [String] {
    switch self {
    case .hs256: ["HS256"]
    case .eddsa: ["EdDSA", "Ed25519"]
    case .es256: ["ES256"]
    }
  }

  static func secret(_ bytes: [UInt8]) -> VerificationKey { .hs256(SymmetricKey(data: bytes)) }

  /// Nil if it is none.
  static func ed25519(_ x: [UInt8]) -> VerificationKey? {
    (try? Curve25519.Signing.PublicKey(rawRepresentation: x)).map { .eddsa($0) }
  }

  /// Nil if it is no point of the curve.
  static func p256(_ x: [UInt8], _ y: [UInt8]) -> VerificationKey? {
    guard x.count == 32, y.count == 32 else { return nil }
    return (try? P256.Signing.PublicKey(x963Representation: [4] + x + y)).map { .es256($0) }
  }

  func isValid(_ signature: [UInt8], of text: [UInt8]) -> Bool {
    switch self {
    case .hs256(let key):
      // Compares in constant time.
      return HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: text, using: key)
    case .eddsa(let key):
      return signature.count == 64 && key.isValidSignature(signature, for: text)
    case .es256(let key):
      // R and S of 32 bytes each, not the DER of other protocols (RFC 7518, 3.4).
      guard signature.count == 64, let pair = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else {
        return false
      }
      return key.isValidSignature(pair, for: text)
    }
  }
}

/// What a token is remembered by: what is compared tells nothing of the token, and takes the same time for each.
struct TokenDigest: Sendable, Hashable {
  private let bytes: [UInt8]

  init(of token: String) { bytes = Array(SHA256.hash(data: Array(token.utf8))) }

  /// In constant time.
  func matches(_ other: TokenDigest) -> Bool {
    var difference: UInt8 = 0
    for index in 0..<SHA256.byteCount { difference |= bytes[index] ^ other.bytes[index] }
    return difference == 0
  }
}
