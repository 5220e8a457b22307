/// What a request head must not be. libmicrohttpd 0.9.75 lets all of these through.
enum RequestRules {
  /// The answer to a request that is refused before its handler sees it; nil if there is nothing against it.
  static func refusal(of request: HTTPRequest) -> HTTPResponse? {
    let fields = request.fields
    let lengths = fields.values(of: "Content-Length").count
    let isEncoded = fields["Transfer-Encoding"] != nil
    if isEncoded && lengths > 0 || lengths > 1 || isEncoded && request.version != "HTTP/1.1" {
      // "[It] might indicate an attempt to perform request smuggling […] and ought to be handled as an error"
      // (RFC 9112, 6.3).
      return .refusal(400, "Bad Request", "The length of the body is given twice, or in a way that HTTP/1.0 lacks.")
    }
    if request.version == "HTTP/1.1" && fields.values(of: "Host").count != 1 {
      // "A server MUST respond with a 400 […] to any HTTP/1.1 request message that lacks a Host header field and to
      // any request message that contains more than one" (RFC 9112, 3.2).
      return .refusal(400, "Bad Request", "An HTTP/1.1 request needs one Host header.")
    }
    if bringsBody(request) && ["GET", "HEAD", "DELETE", "TRACE"].contains(request.method) {
      return .refusal(400, "Bad Request", "A request of this method has no body here.")
    }
    return nil
  }

  static var tooLarge: HTTPResponse { .refusal(413, "Content Too Large", "The body of the request is too large.") }

  /// Whether bytes follow the head.
  static func bringsBody(_ request: HTTPRequest) -> Bool {
    if request.fields["Transfer-Encoding"] != nil { return true }
    guard let length = request.fields["Content-Length"] else { return false }
    return length.utf8.contains { $0 != UInt8(ascii: "0") }
  }
}
