import Testing

@testable import tclient

/// What a person types, and what it does.
@Suite(.timeLimit(.minutes(1)))
struct TopKeyTests {
  private static let typed: [(String, [TopKey])] = [
    ("q", [.text("q")]), ("é猫", [.text("é"), .text("猫")]), ("\u{1B}[A\u{1B}OB", [.up, .down]),
    ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]), ("\u{1B}[H\u{1B}[1~\u{1B}[F\u{1B}[4~", [.home, .home, .end, .end]),
    ("\u{1B}[1;5C", []), ("\u{3}\u{1A}\u{C}\r\u{7F}", [.interrupt, .suspend, .redraw, .enter, .backspace]),
    ("\u{1B}q", [.escape, .text("q")]), ("\u{1B}[200~a", [.text("a")]),
  ]

  @Test(arguments: [1, 2, 3, 100]) func keysDoNotDependOnPieces(size: Int) {
    for (text, expected) in Self.typed {
      var decoder = TopKeyDecoder()
      let bytes = Array(text.utf8)
      var keys: [TopKey] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        keys += decoder.decode(bytes[start..<min(start + size, bytes.count)])
      }
      #expect(keys == expected, "\(text.debugDescription)")
      #expect(!decoder.isWaiting)
    }
  }

  @Test func escapeByItselfIsKnownAfterAMoment() {
    var decoder = TopKeyDecoder()
    #expect(decoder.decode([0x1B]) == [] && decoder.isWaiting)
    #expect(decoder.flush() == [.escape] && !decoder.isWaiting)
    #expect(decoder.decode([0x1B, UInt8(ascii: "[")]) == [] && decoder.flush() == [])
  }

  @Test func bytesThatAreNoTextAreNothing() {
    var decoder = TopKeyDecoder()
    #expect(decoder.decode([0xFF, 0x80, 0xC0, 0x41, 0x42]) == [.text("A"), .text("B")])
    #expect(decoder.decode([0x1B, 0x5B] + Array(repeating: 0x30, count: 40)) == [] && !decoder.isWaiting)
  }

  @Test func scrollingStaysWithinTheRows() {
    var view = TopView()
    func press(_ key: TopKey) -> Int {
      _ = view.handle(key, page: 10, total: 25)
      return view.offset
    }
    #expect(press(.up) == 0)
    #expect(press(.down) == 1)
    #expect(press(.pageDown) == 10)
    #expect(press(.pageDown) == 15)
    #expect(press(.home) == 0)
    #expect(press(.end) == 15)
    view.stay(within: 12, page: 10)
    #expect(view.offset == 2)
    view.stay(within: 3, page: 10)
    #expect(view.offset == 0)
  }

  @Test func filterIsTypedAndCleared() {
    var view = TopView()
    func press(_ keys: TopKey...) { for key in keys { _ = view.handle(key, page: 10, total: 25) } }
    press(.text("/"), .text("q"), .text("s"), .backspace, .text(" "))
    #expect(view.isTyping && view.filter == "q " && !view.isPaused && view.sort == .newest)
    press(.enter)
    #expect(!view.isTyping && view.filter == "q ")
    press(.escape)
    #expect(view.filter == "")
    press(.text("/"), .text("x"), .escape)
    #expect(!view.isTyping && view.filter == "")
    press(.text("/"), .backspace)
    #expect(!view.isTyping)
  }

  @Test func keysAreWhatTheHelpSays() {
    var view = TopView()
    #expect(view.handle(.text("q"), page: 1, total: 1) == .quit)
    #expect(view.handle(.interrupt, page: 1, total: 1) == .interrupt)
    #expect(view.handle(.suspend, page: 1, total: 1) == .suspend)
    #expect(view.handle(.redraw, page: 1, total: 1) == .repaint)
    #expect(view.handle(.text("x"), page: 1, total: 1) == .none)
    #expect(view.handle(.text("s"), page: 1, total: 1) == .redraw && view.sort == .progress)
    #expect(view.handle(.text("r"), page: 1, total: 1) == .redraw && view.isReversed)
    #expect(view.handle(.text(" "), page: 1, total: 1) == .redraw && view.isPaused)
    _ = view.handle(.text("?"), page: 1, total: 1)
    #expect(view.showsHelp)
    #expect(view.handle(.text("s"), page: 1, total: 1) == .redraw && !view.showsHelp && view.sort == .progress)
  }
}
