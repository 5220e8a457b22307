/// The body of a request as it comes in, within limits.
struct RequestBody {
  private(set) var bytes: [UInt8] = []
  /// More came than is kept.
  private(set) var isTooLarge = false
  private var received = 0

  /// What a client may send beyond the limit and still be told so. Whoever sends more is cut off.
  static let tolerance = 16 * 1024 * 1024

  /// - Returns: false if it is not worth listening any longer.
  mutating func append(_ piece: UnsafeRawBufferPointer, limit: Int) -> Bool {
    received += piece.count
    if received > limit {
      isTooLarge = true
      bytes = []
    } else {
      bytes.append(contentsOf: piece)
    }
    return received <= max(limit, Self.tolerance)
  }
}
