// What follows a field's name in a line.

extension UnsafeRawBufferPointer {
  /// The line's value if its field is `name`, without the one space that may follow the colon.
  @inline(__always)
  func value(ofField name: StaticString) -> UnsafeRawBufferPointer? {
    let length = name.utf8CodeUnitCount
    guard count >= length else { return nil }
    for position in 0..<length where self[position] != name.utf8Start[position] { return nil }
    if count == length { return slice(length, length) }
    guard self[length] == .colon else { return nil }
    let hasSpace = count > length &+ 1 && self[length &+ 1] == .space
    return slice(length &+ (hasSpace ? 2 : 1), count)
  }

  /// "If the field value consists of only ASCII digits, then interpret the field value as an integer in base ten." Too
  /// large a number becomes the largest; no digits at all are no number.
  var decimal: UInt64? {
    guard !isEmpty else { return nil }
    var number: UInt64 = 0
    for byte in self {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      let (tenfold, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tenfold.addingReportingOverflow(UInt64(byte - 0x30))
      number = overflow || carry ? .max : sum
    }
    return number
  }
}
