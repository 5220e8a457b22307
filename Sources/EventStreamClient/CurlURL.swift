internal import CCurl

/// A URL as libcurl reads it, so that what is compared here is what libcurl connects to.
struct CurlURL {
  let text: String
  /// Scheme, host and port: secrets stay within one.
  let origin: String
  let host: String

  /// - Parameter base: what a relative reference is resolved against.
  init(_ reference: String, relativeTo base: CurlURL? = nil) throws(EventSourceError) {
    guard let handle = curl_url() else { throw .invalidRequest("out of memory") }
    defer { curl_url_cleanup(handle) }
    if let base { _ = curl_url_set(handle, CURLUPART_URL, base.text, 0) }
    let code = curl_url_set(handle, CURLUPART_URL, base == nil ? reference : reference.percentEncoded, 0)
    // libcurl takes three slashes for two, and the path for a host.
    let hasNoHost = ["http:///", "https:///"].contains { reference.lowercased().hasPrefix($0) }
    guard code == CURLUE_OK, !hasNoHost else {
      let reason = code == CURLUE_OK ? "it names no host" : String(cString: curl_url_strerror(code))
      throw .invalidRequest("“\(reference)” is not an absolute http or https URL (\(reason))")
    }
    func part(_ which: CURLUPart, _ flags: Int32 = 0) -> String {
      var text: UnsafeMutablePointer<CChar>?
      guard curl_url_get(handle, which, &text, UInt32(flags)) == CURLUE_OK, let text else { return "" }
      defer { curl_free(text) }
      return String(cString: text)
    }
    let scheme = part(CURLUPART_SCHEME).lowercased()
    guard scheme == "http" || scheme == "https" else {
      throw .invalidRequest("“\(reference)” is not an http or https URL")
    }
    host = part(CURLUPART_HOST).lowercased()
    origin = "\(scheme)://\(host):\(part(CURLUPART_PORT, CURLU_DEFAULT_PORT))"
    text = part(CURLUPART_URL)
    _ = curl_url_set(handle, CURLUPART_USER, nil, 0)
    _ = curl_url_set(handle, CURLUPART_PASSWORD, nil, 0)
    // Most have none, and then it is the same String.
    let stripped = part(CURLUPART_URL)
    withoutCredentials = stripped == text ? text : stripped
  }

  var isSecure: Bool { origin.hasPrefix("https:") }

  /// Whether libcurl needs no lookup for the host.
  var needsNoLookup: Bool {
    host == "localhost" || host.hasPrefix("[") || host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
  }

  /// The URL for an error or a log, where no password belongs.
  let withoutCredentials: String
}

extension String {
  /// With the bytes encoded that a URL cannot hold; a Location may have them as they are.
  fileprivate var percentEncoded: String {
    let digits = Array("0123456789ABCDEF".utf8)
    return String(
      decoding: utf8.flatMap { byte -> [UInt8] in
        0x21..<0x7F ~= byte ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }, as: UTF8.self)
  }
}
