import TestSupport
import Testing

@testable import TranslationServer

/// What a server is given to know tokens by.
@Suite(.timeLimit(.minutes(3)))
struct KeySetTests {
  private func reason(_ json: String) -> String? {
    do throws(AccessError) {
      _ = try KeySet(json: Array(json.utf8))
      return nil
    } catch {
      return error.description
    }
  }

  @Test func keysOfOtherKindsAreLeftOut() throws {
    let secret = Signer.base64URL([UInt8](repeating: 1, count: 32))
    let set = try KeySet(
      json: Array(
        """
        {"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"new"},{"kty":"oct","use":"enc","k":"\(secret)"},
        {"kty":"oct","alg":"HS512","k":"\(secret)"},{"kty":"oct","key_ops":["encrypt"],"k":"\(secret)"},
        {"kty":"OKP","crv":"X25519","x":"\(secret)"},{"kty":"OKP","crv":"Ed25519","alg":"ES256","x":"\(secret)"},
        {"kty":"EC","crv":"P-256","x":"\(secret)","y":"\(secret)"},{"kty":"oct","k":"not base64url!"},
        {"kty":"oct","kid":"good","k":"\(secret)"}]}
        """.utf8))
    #expect(set.keys.map(\.id) == ["good"])
    #expect(set.hasSecrets)
    let publicKeys = try Signer.keys.keys.filter { $0.id != "h" }
    #expect(publicKeys.count == 2 && !KeySet(publicKeys).hasSecrets)
  }

  @Test func setWithoutAKeyIsRefused() {
    #expect(reason("") != nil)
    #expect(reason("{}")?.contains("array of keys") == true)
    #expect(reason(#"{"keys":[1]}"#) == "a key of the key set is no object")
    #expect(reason(#"{"keys":[]}"#)?.contains("HS256") == true)
    let short = Signer.base64URL([UInt8](repeating: 1, count: 31))
    #expect(reason(#"{"keys":[{"kty":"oct","k":"\#(short)"}]}"#)?.contains("32 bytes") == true)
    #expect(reason(Signer.keySet) == nil)
  }

  @Test func base64URLIsStrict() {
    for count in 0..<8 {
      let bytes = (0..<count).map { UInt8(($0 * 37 + 200) & 255) }
      #expect(Base64URL.decode(Signer.base64URL(bytes).utf8) == bytes)
    }
    for text in ["A", "AAAAA", "AA==", "AB", "AAB", "A+AA", "A/AA", "AA A", "AAA\n", "é"] {
      #expect(Base64URL.decode(text.utf8) == nil, "\(text)")
    }
  }

  @Test func tokensOfAFile() throws {
    #expect(try Access.tokens(in: "# old\nabc\n\n  x-._~+/9== \r\n#\n") == ["abc", "x-._~+/9=="])
    for text in ["", "\n", "# abc\n", "a b", "a\"b", "a;b", "aé", "=", "a=b"] {
      #expect(throws: AccessError.self) { try Access.tokens(in: text) }
    }
  }
}
