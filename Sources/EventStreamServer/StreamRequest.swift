/// A request for an event stream, read from its head as it lies in the system's buffer.
///
/// Who wants an event stream says so: "User agents SHOULD set (`Accept`, `text/event-stream`) in request's header list"
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface). What is read here is what
/// such clients send, and as libmicrohttpd reads it. Everything else is left to libmicrohttpd: other methods, versions,
/// bodies, what comes in the same breath, and every doubt.
enum StreamRequest {
  /// The request, if the bytes are its head and nothing else; nil if it is not to be answered by a stream, or not for
  /// sure.
  ///
  /// - Parameter bytes: `RequestHead` has found nothing wrong with how its lines end.
  static func read(_ bytes: UnsafeRawBufferPointer, from remote: SocketAddress) -> HTTPRequest? {
    var reader = Reader(bytes)
    guard reader.take("GET "), let target = reader.text(through: " "), reader.take("HTTP/1.1\r\n") else { return nil }
    var fields = HTTPFields(capacity: 8)
    var wantsEvents = false
    while !reader.take("\r\n") {
      guard let name = reader.text(through: ":"), let value = reader.fieldValue() else { return nil }
      switch name.utf8.count {
      case 6 where name.equalsIgnoringCase("Accept"): wantsEvents = value.hasPrefix("text/event-stream")
      // A body follows, or is meant to.
      case 6 where name.equalsIgnoringCase("Expect"), 14 where name.equalsIgnoringCase("Content-Length"),
        17 where name.equalsIgnoringCase("Transfer-Encoding"):
        return nil
      default: break
      }
      fields.appendReceived(name, value)
    }
    guard wantsEvents, reader.isAtEnd else { return nil }
    let request = HTTPRequest(target: target, fields: fields, remote: remote)
    return RequestRules.refusal(of: request, RequestFraming(fields)) == nil ? request : nil
  }

  private struct Reader {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    mutating func take(_ text: StaticString) -> Bool {
      guard bytes.count - index >= text.utf8CodeUnitCount else { return false }
      for offset in 0..<text.utf8CodeUnitCount where bytes[index + offset] != text.utf8Start[offset] { return false }
      index += text.utf8CodeUnitCount
      return true
    }

    /// What stands before the delimiter, if that is on the line.
    mutating func text(through delimiter: Unicode.Scalar) -> String? {
      let start = index
      var end = index
      while end < bytes.count, bytes[end] != UInt8(ascii: "\r") {
        if bytes[end] == UInt8(ascii: delimiter) {
          index = end + 1
          return string(start..<end)
        }
        end += 1
      }
      return nil
    }

    /// The rest of the line, without the spaces before it; with spaces behind it, it is a case of doubt.
    mutating func fieldValue() -> String? {
      while !isAtEnd, Self.isSpace(bytes[index]) { index += 1 }
      let start = index
      while !isAtEnd, bytes[index] != UInt8(ascii: "\r") { index += 1 }
      let end = index
      guard take("\r\n"), end == start || !Self.isSpace(bytes[end - 1]) else { return nil }
      return string(start..<end)
    }

    private func string(_ range: Range<Int>) -> String {
      String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
  }
}
