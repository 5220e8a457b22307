import TestSupport
import Testing
import TranslationClient

@testable import tclient

/// What `top` shows, and the bytes that show it.
@Suite(.timeLimit(.minutes(1)))
struct TopScreenTests {
  private func model(_ count: Int, random: inout SeededRandom) -> TopModel {
    var model = TopModel()
    let titles = ["Faust", "吾輩は猫である 👩‍👩‍👧", "e\u{301}te\u{301}", "", String(repeating: "long ", count: 40)]
    for number in 0..<count {
      let status = TranslationStatus.allCases.randomElement(using: &random)!
      let time = Double(number)
      model.describe(
        Translation(
          id: "job-\(number)", source: "de", target: "pt-BR", title: titles.randomElement(using: &random)!,
          created: time, statusURL: "/",
          latest: StatusUpdate(
            status: status, timestamp: time, progress: .random(in: 0...1, using: &random), message: "why",
            job: "job-\(number)")))
    }
    return model
  }

  /// Nothing is wider than the terminal, and there is a line for each of its rows: else it would scroll.
  @Test func everySizeIsFilledAndNotExceeded() {
    var random = SeededRandom("top", seed: 1)
    let model = model(30, random: &random)
    for columns in [1, 2, 20, 40, 79, 80, 81, 100, 132, 250] {
      for rows in [1, 2, 5, 6, 24, 60] {
        for connection in [TopConnection.connecting, .live, .lost("it broke because of something long 猫猫猫猫猫猫")] {
          var view = TopView()
          let screen = TopScreen(columns: columns, rows: rows, server: "http://127.0.0.1:8000")
          let lines = screen.lines(model, &view, connection, at: 100)
          #expect(lines.count == rows)
          for line in lines {
            #expect(line.width <= columns && line.text.columns == line.width, "\(columns)x\(rows): \(line.text)")
          }
        }
      }
    }
  }

  /// Whatever was there before: what is written turns it into what would be there had all been painted anew.
  @Test func differenceIsAsGoodAsTheWhole() {
    var random = SeededRandom("top", seed: 2)
    for columns in [40, 80, 133] {
      let screen = TopScreen(columns: columns, rows: 12, server: "http://a")
      var frames = TopFrames(hasColor: true)
      var shown = VirtualScreen(columns: columns, rows: 12)
      for round in 0..<60 {
        var view = TopView(sort: TopSort.allCases.randomElement(using: &random)!)
        if round % 7 == 3 { _ = view.handle(.text("?"), page: 5, total: 5) }
        let model = model(.random(in: 0...12, using: &random), random: &random)
        let lines = screen.lines(model, &view, round % 5 == 0 ? .connecting : .live, at: Double(100 + round))
        shown.write(frames.update(to: lines))
        var whole = VirtualScreen(columns: columns, rows: 12)
        var fresh = TopFrames(hasColor: false)
        whole.write(fresh.update(to: lines))
        #expect(shown.lines == whole.lines)
        #expect(frames.update(to: lines) == "")
      }
    }
  }

  @Test func passingSecondCostsLittle() {
    var random = SeededRandom("top", seed: 3)
    let model = model(200, random: &random)
    var view = TopView()
    let screen = TopScreen(columns: 120, rows: 40, server: "http://a")
    var frames = TopFrames(hasColor: true)
    let whole = frames.update(to: screen.lines(model, &view, .live, at: 1000))
    let second = frames.update(to: screen.lines(model, &view, .live, at: 1001))
    #expect(whole.utf8.count > 4000)
    // A move and seven columns for each translation that runs.
    #expect(second.utf8.count > 0 && second.utf8.count < 35 * 16)
  }

  @Test func noColorLeavesBoldAndInverse() {
    var random = SeededRandom("top", seed: 4)
    let model = model(5, random: &random)
    var view = TopView()
    var frames = TopFrames(hasColor: false)
    let text = frames.update(
      to: TopScreen(columns: 100, rows: 20, server: "a").lines(model, &view, .live, at: 9))
    #expect(!text.contains(/\x1B\[3[0-9]m/) && text.contains("\u{1B}[7m"))
  }

  @Test func rowSaysWhatIsKnown() {
    var model = TopModel()
    model.describe(
      Translation(
        id: "7Pp", source: "de", target: "en", title: "Faust", created: 0, statusURL: "/",
        latest: StatusUpdate(status: .running, timestamp: 0, progress: 0.25, job: "7Pp")))
    model.apply(
      ReceivedUpdate(StatusUpdate(status: .running, timestamp: 10, progress: 0.5, job: "7Pp"), received: 10.004))
    let row = TopTable(width: 120).row(model.jobs[0], at: 15).text
    #expect(
      row.split(separator: #/ {2,}/#).map(String.init) == [
        "running", "━━━━━━╸──────", "50 %", "2.5 %/s", "0:15", "0:15", "4.0 ms", "de → en", "Faust", "7Pp",
      ])
  }

  @Test(arguments: [
    (0.0, "0:00"), (59.9, "0:59"), (3599, "59:59"), (3600, "1h00"), (90000, "1d"), (1e300, "99999d"), (-5, "0:00"),
  ])
  func timesAreShort(seconds: Double, text: String) { #expect(seconds.asTime == text) }

  @Test(arguments: [
    (0.0008, "0.8 ms"), (0.12, "120 ms"), (2.46, "2.5 s"), (90, "1:30"), (-0.004, "-4.0 ms"), (-90, "-1:30"),
  ])
  func delaysAreShort(seconds: Double, text: String) { #expect(seconds.asDelay == text) }

  @Test(arguments: [
    ("abc", 3), ("猫", 2), ("é", 1), ("e\u{301}", 1), ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("❤️", 2), ("→", 1), ("ｱ", 1), ("Ａ", 2),
    ("한글", 4), ("\u{200B}", 0),
  ])
  func columnsOfText(text: String, columns: Int) { #expect(text.columns == columns) }

  @Test func fittedTextHasItsWidth() {
    #expect("abcdef".fitted(to: 4) == "abc…")
    #expect("猫猫猫".fitted(to: 4) == "猫… ")
    #expect("猫".fitted(to: 4) == "猫  ")
    #expect("abc".fitted(to: 0) == "" && "猫".fitted(to: 1) == "…")
  }
}
