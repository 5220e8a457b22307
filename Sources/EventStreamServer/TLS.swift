extension HTTPServer {
  /// A certificate with its key, by which a server speaks TLS: versions 1.2 and 1.3, and of HTTP the version 1.1.
  public struct TLS: Sendable {
    let certificate: ServerCertificate

    /// - Parameters:
    ///   - certificate: the server's certificate (PEM), and behind it those of the authorities between it and the one
    ///     that clients know.
    ///   - key: its key (PEM), without a passphrase.
    /// - Throws: `.unusableCertificate`, if one is not what it has to be or the two do not belong together. That a
    ///   certificate has expired, or is for another name, is for clients to judge.
    public init(certificate: [UInt8], key: [UInt8]) throws(ServerError) {
      self.certificate = try ServerCertificate(certificate, key: key)
    }
  }
}
