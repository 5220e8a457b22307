internal import Glibc

/// What libmicrohttpd 0.9.75 closes without an answer: a first line without a space, a method that is empty.
enum Unparsable {
  private static let answer = Array(
    ("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 31\r\n\r\n"
      + "This is not an HTTP/1 request.\n").utf8)

  /// Says 400 on a connection that is about to be closed, if bytes came on it and none went. Whether it did.
  static func answered(on descriptor: Int32) -> Bool {
    // struct tcp_info (linux/tcp.h): tcpi_data_segs_in and tcpi_data_segs_out, which the C library's header lacks.
    var info = [UInt32](repeating: 0, count: 64)
    var length = socklen_t(MemoryLayout<UInt32>.stride * info.count)
    guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0, length >= 160,
      info[38] > 0
    else { return false }
    drain(descriptor)
    guard info[39] == 0 else { return false }
    return send(descriptor, answer, answer.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) == answer.count
  }

  /// Bytes that nobody has read would have the system reset the connection, and the client lose the answer.
  static func drain(_ descriptor: Int32) {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { scratch in
      for _ in 0..<64 {
        guard recv(descriptor, scratch.baseAddress, scratch.count, Int32(MSG_DONTWAIT)) > 0 else { return }
      }
    }
  }
}
