import CGnuTLS

@testable import TranslationServer

/// Signs tokens, as whoever gives them out does, with the keys of the standards' examples.
enum Signer {
  static let secret = [UInt8](repeating: 7, count: 32)
  /// RFC 8037, A.1.
  static let ed25519 = Pair(
    x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
  /// RFC 7515, A.3.
  static let p256 = Pair(
    x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    d: "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")

  /// All three keys, under their ids.
  static var keySet: String {
    """
    {"keys":[
    {"kty":"oct","kid":"h","alg":"HS256","k":"\(base64URL(secret))"},
    {"kty":"OKP","kid":"e","crv":"Ed25519","use":"sig","x":"\(ed25519.x)"},
    {"kty":"EC","kid":"p","crv":"P-256","key_ops":["verify"],"x":"\(p256.x)","y":"\(p256.y)"}
    ]}
    """
  }

  static var keys: KeySet { get throws { try KeySet(json: Array(keySet.utf8)) } }

  static func token(_ claims: String, head: String? = nil, algorithm: String = "HS256") -> String {
    let text =
      base64URL(Array((head ?? #"{"alg":"\#(algorithm)"}"#).utf8)) + "." + base64URL(Array(claims.utf8))
    let bytes = Array(text.utf8)
    let signature: [UInt8] =
      switch algorithm {
      case "EdDSA": ed25519.signature(of: bytes, GNUTLS_ECC_CURVE_ED25519, GNUTLS_SIGN_EDDSA_ED25519)
      case "ES256":
        rawPair(p256.signature(of: bytes, GNUTLS_ECC_CURVE_SECP256R1, GNUTLS_SIGN_ECDSA_SHA256))
      default: SHA256.code(of: bytes, key: secret)
      }
    return text + "." + base64URL(signature)
  }

  static func base64URL(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0...group.count { text.append(letters[bits >> (18 - 6 * place) & 63]) }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// A key pair by its numbers, in base64url.
struct Pair {
  let x: String
  var y = ""
  let d: String

  static func bytes(_ text: String) -> [UInt8] { Base64URL.decode(text.utf8)! }

  func signature(of text: [UInt8], _ curve: gnutls_ecc_curve_t, _ algorithm: gnutls_sign_algorithm_t) -> [UInt8] {
    var key: gnutls_privkey_t?
    gnutls_privkey_init(&key)
    defer { gnutls_privkey_deinit(key) }
    let (x, y, d) = (Datum(Self.bytes(x)), Datum(Self.bytes(y)), Datum(Self.bytes(d)))
    let text = Datum(text)
    var signature = gnutls_datum_t()
    withExtendedLifetime((x, y, d, text)) {
      let code = gnutls_privkey_import_ecc_raw(key, curve, x.pointer, self.y.isEmpty ? nil : y.pointer, d.pointer)
      precondition(code == 0)
      precondition(gnutls_privkey_sign_data2(key, algorithm, 0, text.pointer, &signature) == 0)
    }
    return taken(signature)
  }
}

/// Bytes as GnuTLS takes them.
private final class Datum {
  /// Where GnuTLS finds them.
  let pointer = UnsafeMutablePointer<gnutls_datum_t>.allocate(capacity: 1)

  init(_ bytes: [UInt8]) {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = memory.initialize(from: bytes)
    pointer.initialize(to: gnutls_datum_t(data: memory.baseAddress, size: UInt32(bytes.count)))
  }

  deinit {
    pointer.pointee.data?.deallocate()
    pointer.deallocate()
  }
}

private func taken(_ datum: gnutls_datum_t) -> [UInt8] {
  defer { sse_gnutls_free(datum.data) }
  return Array(UnsafeBufferPointer(start: datum.data, count: Int(datum.size)))
}

/// R and S, 32 bytes each, of what is DER.
private func rawPair(_ signature: [UInt8]) -> [UInt8] {
  let der = Datum(signature)
  var (r, s) = (gnutls_datum_t(), gnutls_datum_t())
  precondition(withExtendedLifetime(der) { gnutls_decode_rs_value(der.pointer, &r, &s) } == 0)
  return [r, s].flatMap { number -> [UInt8] in
    let bytes = taken(number).suffix(32)
    return [UInt8](repeating: 0, count: 32 - bytes.count) + bytes
  }
}
