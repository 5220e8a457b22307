import Foundation
import Testing
import TestSupport
import TranslationAPI

/// What random input shows: nothing crashes, and Foundation's reader, another hand's work, says the same.
@Suite("Reading random JSON", .paced, .timeLimit(.minutes(3)))
struct JSONAgreementTests {
  private func number(_ text: String) throws -> Double {
    try Array(text.utf8).withUnsafeBytes { bytes in
      var reader = JSONReader(bytes)
      let value = try reader.number()
      try reader.end()
      return value
    }
  }

  @Test func randomBytesNeverCrash() async {
    var random = SeededRandom("random bytes")
    let alphabet = Array(#"{}[]:,"\/ -+.eE0123456789truefalsenullstatusimp"#.utf8)
    for round in 0..<10_000 {
      await breathe(round)
      let count = Int.random(in: 0..<64, using: &random)
      _ = try? StatusUpdate(json: random.bytes(count))
      _ = try? StatusUpdate(json: Array("{\"status\":".utf8) + random.bytes(count, of: alphabet))
    }
  }

  @Test func changedDocumentsAreAcceptedOrRefusedAsFoundationDoes() async {
    var random = SeededRandom("changed documents")
    // Without zeros, in which Foundation sees UTF-16, and the deepest one, which one more bracket makes too deep.
    let seeds = (JSONReaderTests.valid + JSONReaderTests.invalid).map { Array($0.utf8) }
      .filter { !$0.contains(0) && $0.count < 2 * JSONReader.maximumDepth }
    let alphabet = Array("{}[]:,\"\\ -+.eE01u\n\ta".utf8)
    for round in 0..<10_000 {
      await breathe(round)
      var text = seeds.randomElement(using: &random)!
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let index = Int.random(in: 0...text.count, using: &random)
        let byte = alphabet.randomElement(using: &random)!
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text.insert(byte, at: index)
        case 1 where index < text.count: text[index] = byte
        case _ where index < text.count: text.remove(at: index)
        default: break
        }
      }
      let foundation = (try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)) != nil
      let ours: Bool
      do throws(JSONError) {
        // Foundation refuses a number that no Double can hold; by the standard it is a number.
        ours = try allNumbersFit(text)
      } catch {
        let isAfterComma = text[..<error.position].last { !Array(" \n\t\r".utf8).contains($0) } == UInt8(ascii: ",")
        // Foundation takes a comma before a closing bracket.
        if isAfterComma, error.reason.hasSuffix("found ']'") || error.reason.hasSuffix("found '}'") { continue }
        ours = false
      }
      #expect(ours == foundation, "\(String(decoding: text, as: UTF8.self).debugDescription), seed \(random.seed)")
    }
  }

  private func allNumbersFit(_ text: [UInt8]) throws(JSONError) -> Bool {
    try text.withUnsafeBytes { bytes in
      Result { () throws(JSONError) in
        var reader = JSONReader(bytes)
        let allFit = try allNumbersFit(&reader)
        try reader.end()
        return allFit
      }
    }.get()
  }

  private func allNumbersFit(_ reader: inout JSONReader) throws(JSONError) -> Bool {
    var allFit = true
    switch try reader.kind() {
    case .number: allFit = try reader.number().isFinite
    case .array:
      try reader.beginArray()
      while try reader.nextElement() { allFit = try allNumbersFit(&reader) && allFit }
    case .object:
      try reader.beginObject()
      while try reader.nextKey() != nil { allFit = try allNumbersFit(&reader) && allFit }
    default: try reader.skip()
    }
    return allFit
  }

  @Test func doublesAreReadToTheLastBit() async throws {
    var random = SeededRandom("doubles")
    for round in 0..<10_000 {
      await breathe(round)
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      let read = try number(value.description)
      #expect(read.bitPattern == value.bitPattern, "\(value), seed \(random.seed)")
      let foundation = try JSONDecoder().decode([Double].self, from: Data("[\(value)]".utf8))[0]
      #expect(read.bitPattern == foundation.bitPattern, "\(value), seed \(random.seed)")
    }
  }

  @Test func decimalsAreRoundedAsTheCLibraryRoundsThem() async throws {
    var random = SeededRandom("decimals")
    let digits = Array("0123456789".utf8)
    for round in 0..<10_000 {
      await breathe(round)
      let whole = String(Int.random(in: 0...Int(Int32.max), using: &random))
      let count = Int.random(in: 1...40, using: &random)
      let part = String(decoding: random.bytes(count, of: digits), as: UTF8.self)
      let text = "-\(whole).\(part)e\(Int.random(in: -330...300, using: &random))"
      #expect(try number(text).bitPattern == strtod(text, nil).bitPattern, "\(text), seed \(random.seed)")
    }
  }

  /// Up to and beyond those that are read without the library: 2^53, 22 decimals.
  @Test func numbersWithoutAnExponentAreRoundedAsTheCLibraryRoundsThem() async throws {
    var random = SeededRandom("short numbers")
    for round in 0..<20_000 {
      await breathe(round)
      var digits = String(random.next() >> UInt64.random(in: 8...63, using: &random))
      let decimals = Int.random(in: 0...25, using: &random)
      digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
      let sign = Bool.random(using: &random) ? "-" : ""
      let text = sign + digits.dropLast(decimals) + (decimals > 0 ? "." : "") + digits.suffix(decimals)
      #expect(try number(text).bitPattern == strtod(text, nil).bitPattern, "\(text), seed \(random.seed)")
    }
    for (digits, decimals) in [(1 << 53, 22), (1 << 53 + 1, 22), (1 << 53, 23), (0, 22), (0, 23)] {
      let text = "0." + String(repeating: "0", count: max(0, decimals - "\(digits)".count)) + "\(digits)"
      #expect(try number(text).bitPattern == strtod(text, nil).bitPattern, "\(text)")
    }
  }

  static let edges: [(text: String, value: Double)] = [
    ("1e400", .infinity), ("-1e400", -.infinity), ("1e-400", 0), ("-0", -0.0), ("-0.0e9", -0.0),
    ("179769313486231580793728971405301e276", .greatestFiniteMagnitude),
    ("179769313486231580793728971405304e276", .infinity), ("9007199254740993", 9_007_199_254_740_992),
    ("2.2250738585072011e-308", .leastNormalMagnitude.nextDown),
    ("1" + String(repeating: "0", count: 400) + "e-400", 1),
    ("0." + String(repeating: "0", count: 400) + "1e401", 1), ("1e99999999999999999999", .infinity),
  ]

  @Test(arguments: edges)
  func numbersAtTheEdge(_ text: String, _ value: Double) throws {
    #expect(try number(text).bitPattern == value.bitPattern)
  }
}
