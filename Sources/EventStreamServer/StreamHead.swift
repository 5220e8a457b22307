internal import Glibc

/// The head of a response that is a stream, as bytes: what libmicrohttpd makes of it, field for field.
struct StreamHead {
  /// The Date field's line, and the second that it is of.
  private var date: [UInt8] = []
  private var second = -1

  /// - Parameter isChunked: the body has chunks; without, it goes to the end of the connection.
  mutating func bytes(_ fields: HTTPFields, isChunked: Bool) -> [UInt8] {
    var bytes = Array("HTTP/1.1 200 OK\r\n".utf8)
    bytes.reserveCapacity(256)
    refreshDate()
    bytes += date
    bytes += "Connection: close\r\n".utf8
    for field in fields where !Self.own.contains(where: { field.name.equalsIgnoringCase($0) }) {
      bytes += field.name.utf8
      bytes += ": ".utf8
      bytes += field.value.utf8
      bytes += "\r\n".utf8
    }
    if isChunked { bytes += "Transfer-Encoding: chunked\r\n".utf8 }
    bytes += "\r\n".utf8
    return bytes
  }

  /// Fields that are the server's to set.
  private static let own = ["Date", "Connection", "Transfer-Encoding", "Content-Length"]

  /// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
  private mutating func refreshDate() {
    var now = time(nil)
    guard now != second else { return }
    second = now
    var parts = tm()
    gmtime_r(&now, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday)]
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Int(parts.tm_mon)]
    let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    date = Array("Date: \(day), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900) \(clock) GMT\r\n".utf8)
  }
}
