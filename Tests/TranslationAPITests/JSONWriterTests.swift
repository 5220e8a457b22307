import Foundation
import Testing
import TestSupport
import TranslationAPI

@Suite("Writing JSON", .paced, .timeLimit(.minutes(3)))
struct JSONWriterTests {
  @Test func writesMembersInOrderAndOmitsNil() {
    let json = JSONWriter.object { object in
      object.member("type", "message")
      object.member("data", nil as String?)
      object.member("retry", 2000)
      object.member("delay", nil as Double?)
      object.member("at", 1.5)
      object.member("current", json: #"{"a":[1]}"#)
      object.member("next", json: nil)
      object.member("", "")
    }
    #expect(json == #"{"type":"message","retry":2000,"at":1.5,"current":{"a":[1]},"":""}"#)
    #expect(JSONWriter.object { _ in } == "{}")
  }

  @Test func escapesWhatMustBeEscapedAndWhatTerminalsObey() {
    let text = "\\ \" / \u{0}\u{1}\u{8}\t\n\u{B}\u{C}\r\u{10}\u{1F}\u{7F}\u{80}\u{9F}\u{A0}é\u{BF}\u{2028}🎬"
    let json = JSONWriter.object { $0.member("\"", text) }
    #expect(
      json == #"{"\"":"\\ \" / \u0000\u0001\b\t\n\u000b\f\r\u0010\u001f\u007f\u0080\u009f"#
        + "\u{A0}é\u{BF}\u{2028}🎬\"}")
  }

  /// What has nothing to escape is copied without a second look.
  @Test func everyCharacterByItselfIsEscapedIfItIsAControl() {
    for value in UInt32(0)...0x8FF {
      let scalar = Unicode.Scalar(value)!
      let isEscaped = scalar.properties.generalCategory == .control || scalar == "\"" || scalar == "\\"
      let json = JSONWriter.object { $0.member("n", String(scalar)) }
      #expect((json == "{\"n\":\"\(scalar)\"}") == !isEscaped, "\(json.debugDescription)")
    }
  }

  @Test func whatItWritesFoundationReads() throws {
    var random = SeededRandom("strings")
    for _ in 0..<2_000 {
      let text = String(decoding: random.bytes(Int.random(in: 0..<30, using: &random)), as: UTF8.self)
      let number = Double(bitPattern: random.next())
      let json = JSONWriter.object { object in
        object.member("text", text)
        object.member("number", number.isFinite ? number : 0)
      }
      #expect(!json.utf8.contains(0x0A) && !json.utf8.contains(0x0D))
      let read = try JSONDecoder().decode(Pair.self, from: Data(json.utf8))
      #expect(read.text == text && read.number == (number.isFinite ? number : 0), "seed \(random.seed)")
    }
  }

  private struct Pair: Decodable {
    let text: String
    let number: Double
  }

  @Test(arguments: [
    0, 1, -0.0, 0.1, 1_733_752_895, 1_733_752_895.6343958, 1e16, 1e300, .leastNonzeroMagnitude, -1.5e-7,
  ])
  func anyFiniteNumberIsJSON(_ number: Double) throws {
    let json = JSONWriter.object { $0.member("n", number) }
    let read = try JSONDecoder().decode([String: Double].self, from: Data(json.utf8))
    #expect(read["n"]?.bitPattern == number.bitPattern)
  }

  @Test func aNumberThatIsNotFiniteTraps() async {
    await #expect(processExitsWith: .failure) { _ = JSONWriter.object { $0.member("n", Double.infinity) } }
  }
}
