/// A request as it came: nothing in it is decoded or merged.
public struct HTTPRequest: Sendable, Hashable {
  /// In the letter case that was sent: `GET`.
  public var method: String
  /// What stands between the method and the version.
  public var target: String
  /// The target up to its `?`, not percent-decoded; of an absolute target (`http://host/path`), what follows the host.
  public var path: String
  /// What follows the first `?` of the target, not percent-decoded; nil without one.
  public var query: String?
  /// `HTTP/1.1` or `HTTP/1.0`.
  public var version: String
  /// The header fields, as they came.
  public var fields: HTTPFields
  /// All of it; empty without one.
  public var body: [UInt8]
  /// The client's end of the connection.
  public var remote: SocketAddress

  /// A request that nobody sent, for tests of a handler. `path` and `query` are taken from the target.
  public init(
    method: String = "GET", target: String, version: String = "HTTP/1.1", fields: HTTPFields = [:],
    body: [UInt8] = [], remote: SocketAddress = SocketAddress(host: "127.0.0.1", port: 0)
  ) {
    self.method = method
    self.target = target
    self.version = version
    self.fields = fields
    self.body = body
    self.remote = remote
    // As most are.
    if target.utf8.first == UInt8(ascii: "/"), target.everyByte({ $0 != UInt8(ascii: "?") }) {
      (path, query) = (target, nil)
      return
    }
    let origin = Self.originForm(of: target)
    let mark = origin.utf8.firstIndex(of: UInt8(ascii: "?"))
    path = String(origin[..<(mark ?? origin.endIndex)])
    query = mark.map { String(origin[origin.utf8.index(after: $0)...]) }
  }

  /// "A server MUST accept the absolute-form in requests even though most HTTP/1.1 clients will only send it to
  /// proxies" (RFC 9112, 3.2.2).
  private static func originForm(of target: String) -> Substring {
    guard target.utf8.first != UInt8(ascii: "/") else { return target[...] }
    for scheme in ["http://", "https://"] where String(target.prefix(scheme.count)).equalsIgnoringCase(scheme) {
      let afterScheme = target.dropFirst(scheme.count)
      // By bytes: what follows a "/" may make one character with it.
      let (slash, mark) = (UInt8(ascii: "/"), UInt8(ascii: "?"))
      guard let start = afterScheme.utf8.firstIndex(where: { $0 == slash || $0 == mark }) else { return "/" }
      return afterScheme.utf8[start] == slash ? afterScheme[start...] : "/" + afterScheme[start...]
    }
    return target[...]
  }
}
