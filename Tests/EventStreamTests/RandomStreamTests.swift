// Random streams, made mostly of what parsers get wrong, cut at random.

import EventStream
import Glibc
import TestSupport
import Testing

/// SplitMix64: the same cases from the same seed, anywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in `0..<bound`; the bias is of no matter here.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// Set EVENTSTREAM_SEED to repeat a run; each run prints its own.
private let runSeed: UInt64 = {
  let seed = getenv("EVENTSTREAM_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: .min ... .max)
  print("EVENTSTREAM_SEED=\(seed)")
  return seed
}()

/// Line ends and whole lines are most of it, so that most streams say something.
private let pieces: [[UInt8]] = {
  let lineEnds = ["\n", "\r", "\r\n", "\n\n", "\r\r", "\r\n\r\n", "\n\r"]
  let lines = ["data: a\n", "data:b\r", "data\r\n", "id: 1\n", "id\r", "event: t\n", "event\n", "retry: 7\n", ":\n"]
  let parts = [
    "data", "data:", "data: ", "data:  ", "id", "id:", "id: ", "event", "event:", "event: ", "retry: ", "retry:", ":",
    ": ", " ", "  ", "a", "b:c", "0", "12", "18446744073709551616", "\0", "\t", "\u{B}", "\u{C}", "\u{1F}", "+", "-",
    "é",
    "\u{85}", "\u{2028}", "\u{301}", "\u{200D}", "\u{FE0F}", "\u{93F}", "\u{1F300}", "\u{FEFF}", "event: message\n",
    "a run of bytes that is longer than 32 of them", "eight of",
  ]
  let bytes: [[UInt8]] = [
    [0xEF], [0xEF, 0xBB], [0xBB, 0xBF], [0xFF], [0xC3], [0xF0, 0x9F, 0x8C], [0xED, 0xA0, 0x80],
  ]
  return (lineEnds + lineEnds + lineEnds + lines + lines + parts).map { Array($0.utf8) } + bytes
}()

@Suite(.paced, .timeLimit(.minutes(3)))
struct RandomStreamTests {
  /// Four times 25,000 streams, each cut twice, with two connections in every fourth.
  @Test(arguments: 0..<4)
  func eventsDoNotDependOnChunkSize(part: Int) async {
    for number in 0..<25_000 {
      await breathe(number)
      var random = SeededGenerator(seed: runSeed &+ UInt64(part * 25_000 + number) << 32)
      let connections = (0...(number % 4 == 0 ? 1 : 0)).map { _ in stream(&random) }
      let limit = number % 5 == 0 ? 1 + random.below(40) : 1000

      var whole = EventParser(maxEventBytes: limit)
      var cut = EventParser(maxEventBytes: limit)
      for bytes in connections {
        let before = whole.lastEventID
        let expected = whole.read([bytes[...]])
        let actual = cut.read(chunks(of: bytes, &random))
        var agrees = expected == actual
        if !expected.wasTooLarge {
          let reference = ReferenceParser(reading: bytes, lastEventID: before)
          agrees = agrees && expected.items == reference.items && expected.lastEventID == reference.lastEventID
        }
        guard agrees else {
          Issue.record(
            """
            EVENTSTREAM_SEED=\(runSeed), part \(part), case \(number), limit \(limit)
            stream \(String(decoding: bytes, as: UTF8.self).debugDescription) \(bytes)
            whole \(expected)
            cut   \(actual)
            by the standard \(ReferenceParser(reading: bytes, lastEventID: before).items)
            """)
          return
        }
      }
    }
  }

  private func stream(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = random.below(8) == 0 ? [0xEF, 0xBB, 0xBF] : []
    for _ in 0...random.below(12) { bytes += pieces[random.below(pieces.count)] }
    return bytes
  }

  /// Some cut into single bytes, some hardly, some with nothing in a chunk.
  private func chunks(of bytes: [UInt8], _ random: inout SeededGenerator) -> [ArraySlice<UInt8>] {
    let most = [1, 2, 4, 40][random.below(4)]
    var chunks: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let size = random.below(16) == 0 ? 0 : 1 + random.below(most)
      chunks.append(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    return chunks
  }
}
