/// What a request head must not be. libmicrohttpd 0.9.75 lets all of these through.
enum RequestRules {
  /// The answer to a request that is refused before its handler sees it; nil if there is nothing against it.
  static func refusal(of request: HTTPRequest) -> HTTPResponse? {
    syntax(of: request) ?? framing(of: request)
  }

  /// A head with line ends, spaces or NULs where none may be.
  static var unsound: HTTPResponse {
    .refusal(400, "Bad Request", "The request head has a bare LF, a NUL, a folded line or spaces where none may be.")
  }

  static var tooLarge: HTTPResponse { .refusal(413, "Content Too Large", "The body of the request is too large.") }

  /// Whether bytes follow the head.
  static func bringsBody(_ request: HTTPRequest) -> Bool {
    if request.fields["Transfer-Encoding"] != nil { return true }
    guard let length = request.fields["Content-Length"] else { return false }
    return length.utf8.contains { $0 != UInt8(ascii: "0") }
  }

  private static func framing(of request: HTTPRequest) -> HTTPResponse? {
    let fields = request.fields
    let lengths = fields.values(of: "Content-Length").count
    let codings = fields.values(of: "Transfer-Encoding")
    if !codings.isEmpty && lengths > 0 || lengths > 1 || !codings.isEmpty && request.version == "HTTP/1.0" {
      // "[It] might indicate an attempt to perform request smuggling […] and ought to be handled as an error"
      // (RFC 9112, 6.3).
      return .refusal(400, "Bad Request", "The length of the body is given twice, or in a way that HTTP/1.0 lacks.")
    }
    if let coding = codings.first, codings.count > 1 || !coding.equalsIgnoringCase("chunked") {
      // RFC 9112, 6.3: a request whose last coding is not chunked has no known end. libmicrohttpd would wait for it.
      return .refusal(400, "Bad Request", "The only transfer coding that is understood here is chunked, once.")
    }
    let hosts = fields.values(of: "Host")
    if hosts.count > 1 || hosts.isEmpty && request.version != "HTTP/1.0" || !hosts.allSatisfy(isHost) {
      // "A server MUST respond with a 400 […] to any HTTP/1.1 request message that lacks a Host header field and to
      // any request message that contains more than one Host header field line or a Host header field with an invalid
      // field value" (RFC 9112, 3.2).
      return .refusal(400, "Bad Request", "An HTTP/1.1 request needs one Host header.")
    }
    if bringsBody(request) && ["GET", "HEAD", "DELETE", "TRACE"].contains(request.method) {
      return .refusal(400, "Bad Request", "A request of this method has no body here.")
    }
    return nil
  }

  private static func syntax(of request: HTTPRequest) -> HTTPResponse? {
    guard request.method.isToken, isTarget(request.target, of: request.method) else {
      return .refusal(400, "Bad Request", "The request line is not one of HTTP.")
    }
    // RFC 9112, 5.1: "A server MUST reject, with a response status code of 400, any received request message that
    // contains whitespace between a header field name and colon". RFC 9110, 5.5: so it may other control characters.
    guard request.fields.allSatisfy({ $0.name.isToken && $0.value.utf8.allSatisfy(isFieldText) }) else {
      return .refusal(400, "Bad Request", "A header field has a character that it must not have.")
    }
    return nil
  }

  /// The four forms of RFC 9112, 3.2. Bytes above ASCII, which clients do send, are let through.
  private static func isTarget(_ target: String, of method: String) -> Bool {
    guard target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "#") }) else { return false }
    if target.utf8.first == UInt8(ascii: "/") || method == "CONNECT" { return true }
    if target == "*" { return method == "OPTIONS" }
    return ["http://", "https://"].contains { String(target.prefix($0.count)).equalsIgnoringCase($0) }
  }

  private static func isHost(_ host: String) -> Bool {
    host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@,\\\"<>{}|^`".utf8.contains($0) }
  }

  private static func isFieldText(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t")
  }
}
