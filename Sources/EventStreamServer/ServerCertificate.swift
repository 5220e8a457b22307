internal import CGnuTLS

/// A chain of certificates and the key of the first one, as GnuTLS has them.
///
/// GnuTLS keeps pointers into it from a handshake on: each connection holds the one that it was given.
// Sendable: constant. GnuTLS signs with one key on several threads at a time ("Thread safety" in its manual: objects may
// be shared that are not changed).
final class ServerCertificate: @unchecked Sendable {
  private let chain: UnsafeMutablePointer<gnutls_pcert_st>
  private let count: UInt32
  private let key: gnutls_privkey_t

  /// More than any chain has.
  private static let limit: UInt32 = 16

  init(_ certificate: [UInt8], key: [UInt8]) throws(ServerError) {
    let chain = UnsafeMutablePointer<gnutls_pcert_st>.allocate(capacity: Int(Self.limit))
    var count = Self.limit
    var imported: gnutls_privkey_t?
    let failure = Self.load(certificate, key, chain, &count, &imported)
    guard failure == nil, let imported else {
      chain.deallocate()
      throw .unusableCertificate(reason: failure ?? "GnuTLS has no memory left")
    }
    self.chain = chain
    self.count = count
    self.key = imported
  }

  deinit {
    for index in 0..<Int(count) { gnutls_pcert_deinit(chain + index) }
    chain.deallocate()
    gnutls_privkey_deinit(key)
  }

  /// What a handshake is answered with.
  func give(
    _ chain: UnsafeMutablePointer<UnsafeMutablePointer<gnutls_pcert_st>?>, _ count: UnsafeMutablePointer<UInt32>,
    _ key: UnsafeMutablePointer<gnutls_privkey_t?>
  ) {
    chain.pointee = self.chain
    count.pointee = self.count
    key.pointee = self.key
  }

  /// What is wrong with them; if nothing is, the caller has what was loaded to free.
  private static func load(
    _ certificate: [UInt8], _ key: [UInt8], _ chain: UnsafeMutablePointer<gnutls_pcert_st>, _ count: inout UInt32,
    _ imported: inout gnutls_privkey_t?
  ) -> String? {
    let flags = GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED.rawValue | GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED.rawValue
    var code = withDatum(certificate) {
      gnutls_pcert_list_import_x509_raw(chain, &count, $0, GNUTLS_X509_FMT_PEM, flags)
    }
    guard code >= 0, count > 0 else {
      return "the certificate is no PEM chain, each followed by its issuer: \(words(code))"
    }
    code = gnutls_privkey_init(&imported)
    if code >= 0 { code = withDatum(key) { gnutls_privkey_import_x509_raw(imported, $0, GNUTLS_X509_FMT_PEM, nil, 0) } }
    var failure = code < 0 ? "the key is no PEM key without a passphrase: \(words(code))" : nil
    if failure == nil, !belongTogether(certificate, key) { failure = "the key is not the certificate's" }
    if failure != nil {
      for index in 0..<Int(count) { gnutls_pcert_deinit(chain + index) }
      gnutls_privkey_deinit(imported)
    }
    return failure
  }

  /// GnuTLS compares them where it takes both for itself.
  private static func belongTogether(_ certificate: [UInt8], _ key: [UInt8]) -> Bool {
    var credentials: gnutls_certificate_credentials_t?
    guard gnutls_certificate_allocate_credentials(&credentials) >= 0 else { return false }
    defer { gnutls_certificate_free_credentials(credentials) }
    return withDatum(certificate) { certificate in
      withDatum(key) { gnutls_certificate_set_x509_key_mem(credentials, certificate, $0, GNUTLS_X509_FMT_PEM) }
    } >= 0
  }

  /// Without the full stop.
  private static func words(_ code: Int32) -> String {
    let words = String(cString: gnutls_strerror(code))
    return words.hasSuffix(".") ? String(words.dropLast()) : words
  }

  /// The bytes as GnuTLS takes them, for the call's time. It does not write to them.
  private static func withDatum(_ bytes: [UInt8], _ body: (UnsafePointer<gnutls_datum_t>) -> Int32) -> Int32 {
    bytes.withUnsafeBufferPointer { bytes in
      var datum = gnutls_datum_t(
        data: UnsafeMutablePointer(mutating: bytes.baseAddress), size: UInt32(truncatingIfNeeded: bytes.count))
      return withUnsafePointer(to: &datum, body)
    }
  }
}
