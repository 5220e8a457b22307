internal import IOQueue

/// The moment at which an event is sent, written over the place that its data keeps for it.
///
/// The same number of digits for the next 260 years: so that a frame is made once for all subscribers, and the time of
/// each is put into the bytes on their way.
enum SendingTime {
  static let placeholder = "0000000000.000000"

  private static let pattern = Array(placeholder.utf8)

  /// Where in the bytes from `first` on the last placeholder begins; nil without one.
  static func place(in bytes: [UInt8], from first: Int) -> Int? {
    var start = bytes.count - pattern.count
    while start >= first, bytes[start] != pattern[0] || !bytes[start...].starts(with: pattern) { start -= 1 }
    return start >= first ? start : nil
  }

  /// Writes the time now over the placeholder that begins there.
  static func write(to bytes: UnsafeMutableRawBufferPointer, at place: Int) {
    var microseconds = WallClock.nanoseconds / 1000
    var position = place + placeholder.utf8.count
    while position > place {
      position -= 1
      guard position != place + 10 else { continue }
      bytes[position] = UInt8(ascii: "0") + UInt8(microseconds % 10)
      microseconds /= 10
    }
  }
}
