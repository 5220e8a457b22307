/// Random numbers that a seed repeats (SplitMix64): a test prints its seed, so that a failure can be run again.
package struct SeededRandom: RandomNumberGenerator {
  package let seed: UInt64
  private var state: UInt64

  /// Without a seed it takes a new one and prints it beside `purpose`.
  package init(_ purpose: String, seed: UInt64? = nil) {
    self.seed = seed ?? .random(in: 1...UInt64.max)
    state = self.seed
    print("\(purpose): seed \(self.seed)")
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// `count` bytes, each out of `alphabet`.
  package mutating func bytes(_ count: Int, of alphabet: [UInt8] = anyByte) -> [UInt8] {
    // The remainder is biased by less than one in 2^56, and much faster in a debug build than `Int.random`.
    (0..<count).map { _ in alphabet[Int(truncatingIfNeeded: next() % UInt64(alphabet.count))] }
  }

  package static let anyByte: [UInt8] = Array(0...255)
}
