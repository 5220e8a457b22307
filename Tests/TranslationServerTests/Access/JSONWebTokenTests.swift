import TestSupport
import Testing

@testable import TranslationServer

/// Tokens that others sign: which are good, and for what.
@Suite(.timeLimit(.minutes(3)))
struct JSONWebTokenTests {
  private func keys(_ json: String) throws -> KeySet { try KeySet(json: Array("{\"keys\":[\(json)]}".utf8)) }

  private func read(
    _ token: String, keys: KeySet? = nil, audience: String? = nil, issuer: String? = nil, at now: Double = 1000
  ) throws -> JSONWebToken {
    let rules = JSONWebToken.Rules(keys: try keys ?? Signer.keys, audience: audience, issuer: issuer)
    return try JSONWebToken(token, by: rules, at: now)
  }

  private func refusal(
    _ token: String, keys: KeySet? = nil, audience: String? = nil, issuer: String? = nil, at now: Double = 1000
  ) throws -> String? {
    do {
      _ = try read(token, keys: keys, audience: audience, issuer: issuer, at: now)
      return nil
    } catch let refusal as JSONWebToken.Refusal {
      return refusal.reason
    }
  }

  // MARK: The standards' examples

  private static let joe =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

  /// RFC 7515, A.1 and A.3.
  @Test(arguments: [
    (
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
      #"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#
    ),
    (
      "eyJhbGciOiJFUzI1NiJ9", "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
      #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#
        + #""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#
    ),
  ])
  func exampleOfRFC7515(head: String, signature: String, key: String) throws {
    let token = "\(head).\(Self.joe).\(signature)"
    let keys = try keys(key)
    #expect(try read(token, keys: keys, at: 1_300_819_379).expires == 1_300_819_380)
    #expect(try refusal(token, keys: keys, at: 1_300_819_380) == "The token has expired.")
    #expect(try refusal(token, keys: keys, issuer: "joe", at: 0) == nil)
    // With each end cut off, and each letter changed.
    for count in 0..<token.utf8.count { #expect(try refusal(String(token.prefix(count)), keys: keys, at: 0) != nil) }
    for place in 0..<token.utf8.count {
      var bytes = Array(token.utf8)
      bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(try refusal(String(decoding: bytes, as: UTF8.self), keys: keys, at: 0) != nil)
    }
  }

  /// RFC 8037, A.4 and A.5. What is signed there are words, and no claims.
  @Test func exampleOfRFC8037() throws {
    let point = try #require(Base64URL.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".utf8))
    let key = try #require(VerificationKey.ed25519(point))
    let text = Array("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8)
    var signature = try #require(
      Base64URL.decode(
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg".utf8))
    #expect(key.isValid(signature, of: text))
    #expect(!key.isValid(signature, of: text.dropLast() + [0]))
    for count in 0..<64 { #expect(!key.isValid(Array(signature[..<count]), of: text)) }
    signature[0] ^= 1
    #expect(!key.isValid(signature, of: text))
  }

  // MARK: Claims

  @Test(arguments: ["HS256", "EdDSA", "ES256"])
  func claimsAreRead(algorithm: String) throws {
    let token = try read(
      Signer.token(
        #"{"scope":"subscribe other publish","jobs":["a","b"],"exp":1001.5,"sub":"worker"}"#, algorithm: algorithm))
    #expect(token.roles == [.subscribe, .publish])
    #expect(token.jobs == ["a", "b"])
    #expect(token.expires == 1001.5)
    #expect(token.subject == "worker")
    let plain = try read(Signer.token("{}", algorithm: algorithm))
    #expect(plain.roles.isEmpty && plain.jobs == nil && plain.expires == nil)
  }

  @Test(arguments: [
    (#"{"exp":1000}"#, "The token has expired."), (#"{"exp":1000.5}"#, nil),
    (#"{"exp":"x"}"#, "The token is malformed."),
    (#"{"nbf":1010}"#, nil), (#"{"nbf":1010.5}"#, "The token is not valid yet."),
    (#"{"nbf":null}"#, "The token is malformed."),
    (#"{"jobs":"a"}"#, "The token's jobs are no list of ids."),
    (#"{"jobs":["a",1]}"#, "The token's jobs are no list of ids."),
    (#"{"jobs":[]}"#, nil), (#"[]"#, "The token is malformed."), (#"{"#, "The token is malformed."),
    (#"{"aud":"a"}"#, "The token is for another audience."),
  ])
  func claimsAreChecked(claims: String, reason: String?) throws {
    #expect(try refusal(Signer.token(claims)) == reason)
  }

  @Test func audienceAndIssuerAreChecked() throws {
    for (claims, isGood) in [
      (#"{"aud":"me"}"#, true), (#"{"aud":["you","me"]}"#, true), (#"{"aud":"you"}"#, false), (#"{"aud":[]}"#, false),
      (#"{}"#, false), (#"{"aud":1}"#, false),
    ] {
      #expect((try refusal(Signer.token(claims), audience: "me") == nil) == isGood, "\(claims)")
    }
    #expect(try refusal(Signer.token(#"{"iss":"i"}"#), issuer: "i") == nil)
    #expect(try refusal(Signer.token(#"{"iss":"j"}"#), issuer: "i") == "The token is of another issuer.")
    #expect(try refusal(Signer.token(#"{}"#), issuer: "i") == "The token is of another issuer.")
  }

  // MARK: Attacks

  @Test func noAlgorithmIsNone() throws {
    let claims = Signer.base64URL(Array(#"{"scope":"admin"}"#.utf8))
    for algorithm in ["none", "None", "NONE", "", "HS384", "hs256"] {
      let head = Signer.base64URL(Array(#"{"alg":"\#(algorithm)"}"#.utf8))
      #expect(try refusal("\(head).\(claims).") == "No key of this server fits the token.")
      let signed = Signer.token("{}", head: #"{"alg":"\#(algorithm)"}"#)
      #expect(try refusal(signed) == "No key of this server fits the token.")
    }
  }

  /// RFC 8725, 2.1: a public key is taken for the secret of an HMAC.
  @Test func publicKeyIsNoSecret() throws {
    let set = try Signer.keys
    let publicKeys = KeySet(set.keys.filter { if case .hs256 = $0.verification { false } else { true } })
    let text = "\(Signer.base64URL(Array(#"{"alg":"HS256"}"#.utf8))).\(Signer.base64URL(Array("{}".utf8)))"
    let point = [4] + Pair.bytes(Signer.p256.x) + Pair.bytes(Signer.p256.y)
    // The start of every such key's DER (RFC 5480).
    let der: [UInt8] =
      [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48]
      + [0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00] + point
    for secret in [Pair.bytes(Signer.ed25519.x), point, der] {
      let code = SHA256.code(of: Array(text.utf8), key: secret)
      let token = "\(text).\(Signer.base64URL(Array(code)))"
      #expect(try refusal(token, keys: publicKeys) == "No key of this server fits the token.")
      #expect(try refusal(token) == "The token's signature is not valid.")
    }
    for (claimed, signed) in [("ES256", "EdDSA"), ("EdDSA", "ES256"), ("ES256", "HS256"), ("HS256", "ES256")] {
      let token = Signer.token("{}", head: #"{"alg":"\#(claimed)"}"#, algorithm: signed)
      #expect(try refusal(token) == "The token's signature is not valid.")
    }
  }

  @Test func idOfAKeyChoosesIt() throws {
    #expect(try refusal(Signer.token("{}", head: #"{"alg":"HS256","kid":"h"}"#)) == nil)
    for id in ["e", "x", ""] {
      let token = Signer.token("{}", head: #"{"alg":"HS256","kid":"\#(id)"}"#)
      #expect(try refusal(token) == "No key of this server fits the token.")
    }
    #expect(try refusal(Signer.token("{}", head: #"{"alg":"HS256","kid":1}"#)) == "The token is malformed.")
    // Several that fit are all tried: keys are being changed.
    let old = Signer.base64URL([UInt8](repeating: 9, count: 32))
    let new = Signer.base64URL([UInt8](repeating: 7, count: 32))
    let both = try keys(#"{"kty":"oct","k":"\#(old)"},{"kty":"oct","k":"\#(new)"}"#)
    #expect(try refusal(Signer.token("{}"), keys: both) == nil)
    #expect(try refusal(Signer.token("{}", head: #"{"alg":"HS256","kid":"any"}"#), keys: both) == nil)
  }

  @Test func whatIsNotUnderstoodIsRefused() throws {
    for head in [
      #"{"alg":"HS256","crit":["b64"],"b64":false}"#, #"{"alg":"HS256","crit":[]}"#,
      #"{"alg":"HS256","typ":"logout+jwt"}"#,
      #"{"alg":"HS256","typ":1}"#, #"{"typ":"JWT"}"#, #"["HS256"]"#, #"{"alg":["HS256"]}"#,
    ] {
      #expect(try refusal(Signer.token("{}", head: head)) != nil, "\(head)")
    }
    for head in [#"{"alg":"HS256","typ":"JWT"}"#, #"{"alg":"HS256","typ":"at+jwt","x":{}}"#] {
      #expect(try refusal(Signer.token("{}", head: head)) == nil, "\(head)")
    }
    let token = Signer.token("{}")
    for text in [
      "", ".", "..", "...", token + ".", "." + token, token + "=", " " + token, token + "\n", token + ".a.b",
    ] {
      #expect(try refusal(text) == "The token is malformed.", "\(text)")
    }
    let long = Signer.token("{\"x\":\"\(String(repeating: "x", count: 8192))\"}")
    #expect(try refusal(long) == "The token is too long.")
    let deep = Signer.token(String(repeating: "[", count: 2000))
    #expect(try refusal(deep) == "The token is malformed.")
  }
}
