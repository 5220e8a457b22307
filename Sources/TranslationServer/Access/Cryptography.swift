internal import CGnuTLS

// By GnuTLS, which libmicrohttpd has in the process anyway.

/// A key that says whether a signature is good: one algorithm each, so that a token cannot choose another one for it
/// (RFC 8725, 3.1).
enum VerificationKey: Sendable, Hashable {
  /// HMAC with SHA-256.
  case hs256([UInt8])
  /// Ed25519.
  case eddsa([UInt8])
  /// ECDSA with P-256 and SHA-256.
  case es256(x: [UInt8], y: [UInt8])

  /// What a token's `alg` may call it: RFC 7518, 3.1, RFC 8037, 3.1, and RFC 9864, 2.2.
  var algorithms: [String] {
    switch self {
    case .hs256: ["HS256"]
    case .eddsa: ["EdDSA", "Ed25519"]
    case .es256: ["ES256"]
    }
  }

  static func secret(_ bytes: [UInt8]) -> VerificationKey { .hs256(bytes) }

  /// Nil if it is none.
  static func ed25519(_ x: [UInt8]) -> VerificationKey? { x.count == 32 ? .eddsa(x) : nil }

  /// Nil if it is no point of the curve.
  static func p256(_ x: [UInt8], _ y: [UInt8]) -> VerificationKey? {
    guard x.count == 32, y.count == 32, PublicKey(GNUTLS_ECC_CURVE_SECP256R1, x, y)?.isPoint == true else { return nil }
    return .es256(x: x, y: y)
  }

  func isValid(_ signature: [UInt8], of text: [UInt8]) -> Bool {
    switch self {
    case .hs256(let key):
      return signature.count == SHA256.size && Constant.areEqual(signature, SHA256.code(of: text, key: key))
    case .eddsa(let x):
      return signature.count == 64
        && PublicKey(GNUTLS_ECC_CURVE_ED25519, x)?.verifies(signature, of: text, GNUTLS_SIGN_EDDSA_ED25519) == true
    case .es256(let x, let y):
      // R and S of 32 bytes each, not the DER of other protocols (RFC 7518, 3.4).
      guard signature.count == 64, let pair = PublicKey.pair(signature[..<32], signature[32...]) else { return false }
      return PublicKey(GNUTLS_ECC_CURVE_SECP256R1, x, y)?.verifies(pair, of: text, GNUTLS_SIGN_ECDSA_SHA256) == true
    }
  }
}

/// What a token is remembered by: what is compared tells nothing of the token, and takes the same time for each.
struct TokenDigest: Sendable, Hashable {
  private let bytes: [UInt8]

  init(of token: String) { bytes = SHA256.digest(of: Array(token.utf8)) }

  func matches(_ other: TokenDigest) -> Bool { Constant.areEqual(bytes, other.bytes) }
}

enum SHA256 {
  static let size = 32

  static func digest(of bytes: [UInt8]) -> [UInt8] {
    made { gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, bytes.count, $0) }
  }

  /// HMAC with SHA-256 (RFC 2104).
  static func code(of bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    made { gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, key.count, bytes, bytes.count, $0) }
  }

  private static func made(_ make: (UnsafeMutableRawPointer) -> Int32) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      // Only a GnuTLS that does not know SHA-256 refuses.
      guard let start = buffer.baseAddress, make(start) == 0 else { fatalError("GnuTLS has no SHA-256") }
      count = size
    }
  }
}

/// Comparisons that take the same time whatever they compare.
private enum Constant {
  static func areEqual(_ some: [UInt8], _ others: [UInt8]) -> Bool {
    some.count == others.count && gnutls_memcmp(some, others, some.count) == 0
  }
}

/// A public key of an elliptic curve, as GnuTLS has it.
private struct PublicKey: ~Copyable {
  private let key: gnutls_pubkey_t

  init?(_ curve: gnutls_ecc_curve_t, _ x: [UInt8], _ y: [UInt8]? = nil) {
    var made: gnutls_pubkey_t?
    guard gnutls_pubkey_init(&made) == 0, let made else { return nil }
    let code = withDatum(x) { x in
      guard let y else { return gnutls_pubkey_import_ecc_raw(made, curve, x, nil) }
      return withDatum(y) { gnutls_pubkey_import_ecc_raw(made, curve, x, $0) }
    }
    guard code == 0 else {
      gnutls_pubkey_deinit(made)
      return nil
    }
    key = made
  }

  deinit { gnutls_pubkey_deinit(key) }

  var isPoint: Bool { gnutls_pubkey_verify_params(key) == 0 }

  func verifies(_ signature: [UInt8], of text: [UInt8], _ algorithm: gnutls_sign_algorithm_t) -> Bool {
    withDatum(text) { text in
      withDatum(signature) { gnutls_pubkey_verify_data2(key, algorithm, 0, text, $0) }
    } >= 0
  }

  /// The numbers R and S in DER.
  static func pair(_ r: ArraySlice<UInt8>, _ s: ArraySlice<UInt8>) -> [UInt8]? {
    var pair = gnutls_datum_t()
    guard withDatum(Array(r), { r in withDatum(Array(s)) { gnutls_encode_rs_value(&pair, r, $0) } }) == 0 else {
      return nil
    }
    defer { sse_gnutls_free(pair.data) }
    return Array(UnsafeBufferPointer(start: pair.data, count: Int(pair.size)))
  }
}

/// The bytes as GnuTLS takes them, for the call's time. It does not write to them.
private func withDatum<Result>(_ bytes: [UInt8], _ body: (UnsafePointer<gnutls_datum_t>) -> Result) -> Result {
  bytes.withUnsafeBufferPointer { bytes in
    var datum = gnutls_datum_t(
      data: UnsafeMutablePointer(mutating: bytes.baseAddress), size: UInt32(truncatingIfNeeded: bytes.count))
    return withUnsafePointer(to: &datum, body)
  }
}
