// What the parser asks of raw bytes.

internal import CByteScan

extension UnsafeRawBufferPointer {
  /// The bytes from `start` to before `end`, which must be within; only a debug build looks.
  @inline(__always)
  func slice(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
    assert(start >= 0 && start <= end && end <= count && baseAddress != nil)
    return UnsafeRawBufferPointer(start: baseAddress.unsafelyUnwrapped + start, count: end &- start)
  }

  @inline(__always)
  mutating func removeFirst(_ n: Int) {
    self = slice(n, count)
  }

  @inline(__always)
  var containsNUL: Bool {
    if count >= 16 { return sse_has_nul(baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), count) != 0 }
    if count >= 8 { return hasNUL(at: 0) || hasNUL(at: count &- 8) }
    for position in 0..<count where self[position] == 0 { return true }
    return false
  }

  /// Of eight bytes: (x - 1) & ~x has top bits set if and only if a byte is zero.
  @inline(__always)
  private func hasNUL(at position: Int) -> Bool {
    let word = word(at: position)
    return (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0
  }

  /// Eight bytes, the first the lowest.
  @inline(__always)
  func word(at position: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: position, as: UInt64.self))
  }
}
