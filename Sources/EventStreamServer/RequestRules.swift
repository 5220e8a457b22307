/// What a request head must not be. libmicrohttpd 0.9.75 lets all of these through.
enum RequestRules {
  /// The answer to a request that is refused before its handler sees it; nil if there is nothing against it.
  static func refusal(of request: HTTPRequest, _ framing: borrowing RequestFraming) -> HTTPResponse? {
    syntax(of: request) ?? refusal(framing, of: request)
  }

  /// A head with line ends, spaces or NULs where none may be.
  static var unsound: HTTPResponse {
    .refusal(
      400, "Bad Request",
      "This is no head of an HTTP/1 request, or has a bare LF, a NUL, a folded line or spaces where none may be.")
  }

  static var withoutTLS: HTTPResponse { .refusal(400, "Bad Request", "This port speaks TLS, and nothing else.") }

  static var late: HTTPResponse { .refusal(408, "Request Timeout", "The request head did not come in time.") }

  static var longTarget: HTTPResponse { .refusal(414, "URI Too Long", "The target of the request is too long.") }

  static var largeHead: HTTPResponse {
    .refusal(431, "Request Header Fields Too Large", "The head of the request is too large.")
  }

  static var tooLarge: HTTPResponse { .refusal(413, "Content Too Large", "The body of the request is too large.") }

  static var noMemory: HTTPResponse { .unavailable("The server reads as many bodies as it has memory for.") }

  private static func refusal(_ framing: borrowing RequestFraming, of request: HTTPRequest) -> HTTPResponse? {
    let hasCoding = framing.codings > 0
    if hasCoding && framing.lengths > 0 || framing.lengths > 1 || hasCoding && request.version == "HTTP/1.0" {
      // "[It] might indicate an attempt to perform request smuggling […] and ought to be handled as an error"
      // (RFC 9112, 6.3).
      return .refusal(400, "Bad Request", "The length of the body is given twice, or in a way that HTTP/1.0 lacks.")
    }
    if framing.codings > 1 || hasCoding && !framing.coding.equalsIgnoringCase("chunked") {
      // RFC 9112, 6.3: a request whose last coding is not chunked has no known end. libmicrohttpd would wait for it.
      return .refusal(400, "Bad Request", "The only transfer coding that is understood here is chunked, once.")
    }
    if framing.hosts > 1 || framing.hosts == 0 && request.version != "HTTP/1.0" || !isHost(framing.host) {
      // "A server MUST respond with a 400 […] to any HTTP/1.1 request message that lacks a Host header field and to
      // any request message that contains more than one Host header field line or a Host header field with an invalid
      // field value" (RFC 9112, 3.2).
      return .refusal(400, "Bad Request", "An HTTP/1.1 request needs one Host header.")
    }
    switch request.method {
    case "GET", "HEAD", "DELETE", "TRACE":
      return framing.bringsBody ? .refusal(400, "Bad Request", "A request of this method has no body here.") : nil
    default: return nil
    }
  }

  private static func syntax(of request: HTTPRequest) -> HTTPResponse? {
    guard request.method.isToken, isTarget(request.target, of: request.method) else {
      return .refusal(400, "Bad Request", "The request line is not one of HTTP.")
    }
    // RFC 9112, 5.1: "A server MUST reject, with a response status code of 400, any received request message that
    // contains whitespace between a header field name and colon". RFC 9110, 5.5: so it may other control characters.
    guard request.fields.allSatisfy({ $0.name.isToken && $0.value.everyByte(isFieldText) }) else {
      return .refusal(400, "Bad Request", "A header field has a character that it must not have.")
    }
    return nil
  }

  /// The four forms of RFC 9112, 3.2. Bytes above ASCII, which clients do send, are let through.
  private static func isTarget(_ target: String, of method: String) -> Bool {
    guard target.everyByte({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "#") }) else { return false }
    if target.utf8.first == UInt8(ascii: "/") || method == "CONNECT" { return true }
    if target == "*" { return method == "OPTIONS" }
    return ["http://", "https://"].contains { String(target.prefix($0.count)).equalsIgnoringCase($0) }
  }

  private static let hostDelimiters = ByteSet("/?#@,\\\"<>{}|^`")

  private static func isHost(_ host: String) -> Bool {
    let delimiters = hostDelimiters
    return host.everyByte { $0 > 0x20 && $0 < 0x7F && !delimiters.contains($0) }
  }

  private static func isFieldText(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t")
  }
}
