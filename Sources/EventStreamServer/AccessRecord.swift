/// One request and what it was answered: `127.0.0.1:54933 - "GET /status HTTP/1.1" 200`.
public struct AccessRecord: Sendable, Hashable, CustomStringConvertible {
  /// The other end of the connection: of a proxy, if there is one.
  public let remote: SocketAddress
  /// In the letter case that was sent.
  public let method: String
  /// As it was sent, but for the value of a parameter `access_token` (RFC 6750, 2.3): a log is no place for it.
  public let target: String
  /// `HTTP/1.1` or `HTTP/1.0`.
  public let version: String
  /// The status code of the answer.
  public let status: Int

  init(_ request: HTTPRequest, status: Int) {
    remote = request.remote
    method = request.method
    target = RedactedTarget.text(request.target)
    version = request.version
    self.status = status
  }

  /// One line of printable ASCII whatever the client sent: a quote, a backslash and every other byte become `\xHH`,
  /// so that no request can forge a line of a log or talk to the terminal that shows it.
  public var description: String {
    "\(remote) - \"\(Self.printable(method)) \(Self.printable(target)) \(Self.printable(version))\" \(status)"
  }

  private static func printable(_ text: String) -> String {
    guard !text.everyByte(isPlain) else { return text }
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if isPlain(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    0x20..<0x7F ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }
}
