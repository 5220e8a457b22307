internal import Glibc

/// The head of a response that is a stream, as bytes: what libmicrohttpd makes of it, field for field.
struct StreamHead {
  /// The latest one, and what it is of: most are the same as the one before.
  private var latest: [UInt8] = []
  private var fields: HTTPFields = [:]
  private var isChunked = false
  private var second = -1

  /// - Parameter isChunked: the body has chunks; without, it goes to the end of the connection.
  mutating func bytes(_ fields: HTTPFields, isChunked: Bool) -> [UInt8] {
    let now = time(nil)
    if now != second || isChunked != self.isChunked || fields != self.fields {
      (second, self.isChunked, self.fields) = (now, isChunked, fields)
      latest = Self.bytes(fields, isChunked: isChunked, at: now)
    }
    return latest
  }

  private static func bytes(_ fields: HTTPFields, isChunked: Bool, at time: time_t) -> [UInt8] {
    var bytes = Array("HTTP/1.1 200 OK\r\nDate: \(date(time))\r\n".utf8)
    // The stream's end is the connection's: nothing to guess for a client, nothing left open by a drain.
    bytes += "Connection: close\r\n".utf8
    for field in fields where !own.contains(where: { field.name.equalsIgnoringCase($0) }) {
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
  private static func date(_ time: time_t) -> String {
    var time = time
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday)]
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Int(parts.tm_mon)]
    let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    return "\(day), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900) \(clock) GMT"
  }
}
