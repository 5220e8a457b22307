import Crypto

@testable import TranslationServer

/// Signs tokens, as whoever gives them out does.
enum Signer {
  static let secret = SymmetricKey(data: [UInt8](repeating: 7, count: 32))
  static let ed25519 = Curve25519.Signing.PrivateKey()
  static let p256 = P256.Signing.PrivateKey()

  /// All three keys, under their ids.
  static var keySet: String {
    let point = Array(p256.publicKey.x963Representation)
    return """
      {"keys":[
      {"kty":"oct","kid":"h","alg":"HS256","k":"\(base64URL([UInt8](repeating: 7, count: 32)))"},
      {"kty":"OKP","kid":"e","crv":"Ed25519","use":"sig","x":"\(base64URL(Array(ed25519.publicKey.rawRepresentation)))"},
      {"kty":"EC","kid":"p","crv":"P-256","key_ops":["verify"],"x":"\(base64URL(Array(point[1...32])))",\
      "y":"\(base64URL(Array(point[33...])))"}
      ]}
      """
  }

  static var keys: KeySet { get throws { try KeySet(json: Array(keySet.utf8)) } }

  static func token(_ claims: String, head: String? = nil, algorithm: String = "HS256") throws -> String {
    let text =
      base64URL(Array((head ?? #"{"alg":"\#(algorithm)"}"#).utf8)) + "." + base64URL(Array(claims.utf8))
    let bytes = Array(text.utf8)
    let signature: [UInt8] =
      switch algorithm {
      case "EdDSA": Array(try ed25519.signature(for: bytes))
      case "ES256": Array(try p256.signature(for: bytes).rawRepresentation)
      default: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: secret))
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
