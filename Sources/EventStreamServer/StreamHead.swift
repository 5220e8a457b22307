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
      latest = ResponseHead.bytes(200, fields, isChunked ? "Transfer-Encoding: chunked\r\n" : "", at: now)
    }
    return latest
  }

}
