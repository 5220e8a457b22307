/// What is wrong with a server's certificate. None of it goes away by another attempt.
public enum CertificateProblem: Sendable, Hashable {
  /// Its time is over: the server needs a new one.
  case expired
  /// Its time has not begun: one of the two clocks is wrong, or it was put in place too early.
  case notYetValid
  /// It is made out to other names: use one of these in the URL.
  case wrongName
  /// Nobody but itself has signed it: if it is the right one, it can be named as an authority.
  case selfSigned
  /// The authority that signed it is not among those that are trusted: it can be named.
  case unknownAuthority
  /// Anything else, in the words of the TLS library; also a file of authorities that cannot be read.
  case other(String)

  /// Whether ``EventSource/Transport/certificateAuthorities`` with the right file would make it trusted.
  public var isForWantOfAuthority: Bool { self == .selfSigned || self == .unknownAuthority }
}

extension CertificateProblem {
  /// - Parameters:
  ///   - result: the X509_V_ERR_… of OpenSSL's verification (openssl/x509_vfy.h), as CURLINFO_SSL_VERIFYRESULT tells it.
  ///   - text: what libcurl says.
  init(verification result: Int, _ text: String) {
    self =
      switch result {
      case 10: .expired
      case 9: .notYetValid
      case 62, 64: .wrongName
      // libcurl compares the name by itself, before it asks for the result: X509_V_OK, or nothing in particular.
      case 0...1 where text.contains("subject name"): .wrongName
      case 18: .selfSigned
      // A chain that ends at a root, or before one, which is not ours.
      case 2, 19, 20, 21: .unknownAuthority
      default: .other(text)
      }
  }

  /// The sentence for a person.
  func sentence(on host: String) -> String {
    switch self {
    case .expired: "the certificate of \(host) has expired: its server needs a new one"
    case .notYetValid: "the certificate of \(host) is not valid yet: check the clocks of both machines"
    case .wrongName: "the certificate of \(host) is made out to another name: check the host in the URL"
    case .selfSigned: "the certificate of \(host) is signed by nobody but itself"
    case .unknownAuthority: "the certificate of \(host) is signed by an authority that is not trusted here"
    case .other(let reason): "the connection to \(host) cannot be trusted: \(reason)"
    }
  }
}
