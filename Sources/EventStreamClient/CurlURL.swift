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
    // A Location may hold spaces and other bytes that were never encoded.
    let lenient = base == nil ? 0 : UInt32(CURLU_URLENCODE)
    let code = curl_url_set(handle, CURLUPART_URL, reference, lenient)
    guard code == CURLUE_OK || code == CURLUE_UNSUPPORTED_SCHEME else {
      throw .invalidRequest(
        "“\(reference)” is not an absolute http or https URL (\(String(cString: curl_url_strerror(code))))")
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
    withoutCredentials = part(CURLUPART_URL)
  }

  var isSecure: Bool { origin.hasPrefix("https:") }

  /// Whether libcurl needs no lookup for the host.
  var needsNoLookup: Bool {
    host == "localhost" || host.hasPrefix("[") || host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
  }

  /// The URL for an error or a log, where no password belongs.
  let withoutCredentials: String
}
