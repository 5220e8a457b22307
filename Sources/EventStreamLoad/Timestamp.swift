internal import Glibc

/// Finds when an event came about, in its data.
struct TimestampFinder {
  /// `"timestamp":`
  private let key: [UInt8]
  /// Where the key was found last: events of one stream look alike.
  private var hint = 0

  init(key: String) { self.key = Array("\"\(key)\":".utf8) }

  /// Nanoseconds since 1970; nil if the data does not tell.
  mutating func time(in data: UnsafeRawBufferPointer) -> UInt64? {
    guard let first = data.first else { return nil }
    guard first == UInt8(ascii: "{") else { return Self.nanoseconds(data[...]) }
    guard let start = find(in: data) else { return nil }
    return Self.nanoseconds(data[(start + key.count)...].drop { $0 == UInt8(ascii: " ") })
  }

  private mutating func find(in data: UnsafeRawBufferPointer) -> Int? {
    if matches(data, at: hint) { return hint }
    var start = 0
    while start + key.count <= data.count,
      let quote = memchr(data.baseAddress! + start, Int32(key[0]), data.count - start)
    {
      start = UnsafeRawPointer(quote) - data.baseAddress!
      if matches(data, at: start) {
        hint = start
        return start
      }
      start += 1
    }
    return nil
  }

  private func matches(_ data: UnsafeRawBufferPointer, at index: Int) -> Bool {
    index + key.count <= data.count && memcmp(data.baseAddress! + index, key, key.count) == 0
  }

  /// A decimal number of seconds without an exponent, which no clock of our time needs.
  private static func nanoseconds(_ text: Slice<UnsafeRawBufferPointer>) -> UInt64? {
    var value: UInt64 = 0
    var (digits, decimals) = (0, -1)
    for byte in text {
      if byte == UInt8(ascii: "."), decimals < 0, digits > 0 {
        decimals = 0
      } else if UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
        guard decimals < 9 else { continue }
        guard digits < 19 else { return nil }
        value = value &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
        digits += 1
        if decimals >= 0 { decimals += 1 }
      } else {
        break
      }
    }
    guard digits > 0, digits - max(decimals, 0) <= 10 else { return nil }
    for _ in max(decimals, 0)..<9 { value = value &* 10 }
    return value
  }
}
