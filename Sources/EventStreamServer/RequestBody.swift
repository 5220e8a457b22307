/// The body of a request as it comes in, within limits.
struct RequestBody {
  private(set) var bytes: [UInt8] = []
  /// Why nothing of it is kept any more.
  private(set) var loss: Loss?
  private var received = 0

  enum Loss {
    case tooLarge
    /// Others' bodies take all the memory there is for them.
    case noMemory
  }

  /// So much is read of anybody, before it is asked whether he may send it: all connections together have room for it.
  static let small = 4096

  /// What a client may send beyond the limit and still be told so. Whoever sends more is cut off.
  static let tolerance = 16 * 1024 * 1024

  /// - Returns: false if it is not worth listening any longer.
  mutating func append(_ piece: UnsafeRawBufferPointer, limit: Int, hasMemory: Bool) -> Bool {
    received += piece.count
    if received > limit { loss = .tooLarge } else if !hasMemory, loss == nil { loss = .noMemory }
    if loss == nil { bytes.append(contentsOf: piece) } else { bytes = [] }
    return received <= max(limit, Self.tolerance)
  }
}
