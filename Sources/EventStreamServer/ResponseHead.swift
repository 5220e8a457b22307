internal import CMicrohttpd
internal import Glibc

/// The head of the last response on a connection: its end is the connection's, which leaves nothing to guess for a client
/// and nothing open for a drain.
enum ResponseHead {
  /// - Parameter framing: the line that says how long the body is; none for one that goes to the end of the connection.
  static func bytes(_ status: Int, _ fields: HTTPFields, _ framing: String, at time: time_t = time(nil)) -> [UInt8] {
    let reason = String(cString: MHD_get_reason_phrase_for(UInt32(status)))
    var bytes = Array("HTTP/1.1 \(status) \(reason)\r\nDate: \(date(time))\r\nConnection: close\r\n".utf8)
    for field in fields where !own.contains(where: { field.name.equalsIgnoringCase($0) }) {
      bytes += field.name.utf8
      bytes += ": ".utf8
      bytes += field.value.utf8
      bytes += "\r\n".utf8
    }
    bytes += "\(framing)\r\n".utf8
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
