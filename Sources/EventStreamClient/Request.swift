extension EventSource {
  /// What is sent to the server, the same at each attempt unless `prepare` changes it.
  ///
  /// `Accept: text/event-stream` and `Cache-Control: no-cache` are sent unless `headers` has its own; `Last-Event-ID`
  /// is the source's own business.
  public struct Request: Sendable, Hashable {
    /// An absolute `http` or `https` URL.
    public var url: String
    /// Sent as it is written; GET, HEAD, POST, PUT, DELETE and OPTIONS in capitals. A redirect by 301 or 302 makes a GET
    /// of a POST, one by 303 of all but HEAD.
    public var method: String
    /// The header fields, in the order in which they are sent. One name may stand there several times.
    ///
    /// `Last-Event-ID` among them, a name that is no token, or a line break in a value make the request invalid.
    public var headers: [Header]
    /// Sent again at each attempt.
    public var body: [UInt8]?

    /// A request that is checked when it is sent, not here.
    public init(_ url: String, method: String = "GET", headers: [Header] = [], body: [UInt8]? = nil) {
      self.url = url
      self.method = method
      self.headers = headers
      self.body = body
    }

    /// Sets a header field, in place of all of that name.
    public mutating func set(_ name: String, _ value: String) {
      headers.removeAll { $0.isNamed(name) }
      headers.append(Header(name, value))
    }
  }

  /// One header field of a request.
  public struct Header: Sendable, Hashable {
    /// Compared without regard to letter case, sent as it is written.
    public var name: String
    /// Sent as it is; may be empty.
    public var value: String

    /// A field that is checked when it is sent, not here.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }

    func isNamed(_ other: String) -> Bool { name.lowercased() == other.lowercased() }
  }
}

extension EventSource.Request {
  /// The request as it is sent.
  ///
  /// - Throws: for what could not be sent, or would say something else on the wire: a line break smuggled into a
  ///   header, say.
  func validated() throws(EventSourceError) -> Self {
    guard !method.isEmpty, method.utf8.allSatisfy(\.isToken) else {
      throw .invalidRequest("the method “\(method)” is not a word that HTTP knows")
    }
    for header in headers {
      guard !header.name.isEmpty, header.name.utf8.allSatisfy(\.isToken) else {
        throw .invalidRequest("“\(header.name)” cannot be the name of a header")
      }
      guard header.value.utf8.allSatisfy({ $0 != 0 && $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }) else {
        throw .invalidRequest("the value of header \(header.name) holds a line break or a NUL")
      }
      guard !header.isNamed("Last-Event-ID") else {
        throw .invalidRequest("Last-Event-ID is set by the event source: use its lastEventID")
      }
    }
    guard !url.utf8.contains(0) else { throw .invalidRequest("the URL holds a NUL") }
    var normalized = self
    // https://fetch.spec.whatwg.org/#concept-method-normalize; others are sent as they are written.
    if ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"].contains(method.uppercased()) {
      normalized.method = method.uppercased()
    }
    return normalized
  }

  /// Whether it may be sent twice. RFC 9110, section 9.2.2: "A client SHOULD NOT automatically retry a request with a
  /// non-idempotent method unless it has some means to know that the request semantics are actually idempotent": the
  /// means is an `Idempotency-Key`.
  var isIdempotent: Bool {
    ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(method)
      || headers.contains { $0.isNamed("Idempotency-Key") }
  }

  /// The request that follows a redirect, by the Fetch standard's rules for methods
  /// (https://fetch.spec.whatwg.org/#http-redirect-fetch), and more careful than it with secrets: to another origin
  /// goes no header but those that cannot hold one.
  func redirected(by status: Int, to url: String, sameOrigin: Bool) -> Self {
    var next = self
    next.url = url
    let becomesGet = (status == 301 || status == 302) && method == "POST"
    if becomesGet || (status == 303 && method != "GET" && method != "HEAD") {
      next.method = "GET"
      next.body = nil
      next.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
    }
    if !sameOrigin {
      let harmless: Set = ["accept", "accept-language", "cache-control", "content-type", "user-agent"]
      next.headers.removeAll { !harmless.contains($0.name.lowercased()) }
    }
    return next
  }
}

extension UInt8 {
  /// `tchar` of RFC 9110, section 5.6.2.
  fileprivate var isToken: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
  }
}

extension EventSource.Request {
  /// The header lines as libcurl takes them.
  func headerLines(lastEventID: String) -> [String] {
    var lines: [String] = []
    func add(_ name: String, _ value: String) {
      // CURLOPT_HTTPHEADER.3: a header without a value is written with a semicolon; with a colon it would take
      // libcurl's own header of that name away.
      lines.append(value[...].trimmed.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    func addUnlessSet(_ name: String, _ line: String) {
      if !headers.contains(where: { $0.isNamed(name) }) { lines.append(line) }
    }
    // HTML 9.2.2: "set (`Accept`, `text/event-stream`)", cache mode "no-store"; what a cache on the way understands
    // of the latter is Cache-Control.
    addUnlessSet("Accept", "Accept: text/event-stream")
    addUnlessSet("Cache-Control", "Cache-Control: no-cache")
    addUnlessSet("User-Agent", "User-Agent: EventStreamClient")
    // libcurl's own: a form's type for any body, and a question before a large one that many servers never answer.
    addUnlessSet("Content-Type", "Content-Type:")
    addUnlessSet("Expect", "Expect:")
    for header in headers { add(header.name, header.value) }
    if !lastEventID.isEmpty { add("Last-Event-ID", lastEventID) }
    return lines
  }
}
