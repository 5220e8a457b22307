import TestSupport
import Testing
import TranslationClient

@testable import tclient

/// What `top` makes of updates and of the server's list.
@Suite(.timeLimit(.minutes(1)))
struct TopModelTests {
  private func update(
    _ job: String, _ status: TranslationStatus, at time: Double, progress: Double? = nil, delay: Double = 0.25
  ) -> ReceivedUpdate {
    ReceivedUpdate(StatusUpdate(status: status, timestamp: time, progress: progress, job: job), received: time + delay)
  }

  private func translation(_ id: String, created: Double, title: String = "", _ status: TranslationStatus = .pending)
    -> Translation
  {
    Translation(
      id: id, source: "de", target: "en", title: title, created: created, statusURL: "/",
      latest: StatusUpdate(status: status, timestamp: created, job: id))
  }

  @Test func countsFollowTheLatestStatuses() {
    var model = TopModel()
    model.apply(update("a", .pending, at: 1))
    model.apply(update("b", .pending, at: 1))
    model.apply(update("a", .running, at: 2))
    model.apply(update("a", .completed, at: 3))
    #expect(model.counts[.pending] == 1 && model.counts[.running] == 0 && model.counts[.completed] == 1)
    #expect(model.jobs.count == 2 && model.unlistedCount == 2)
  }

  @Test func firstUpdateMayBeOldAndHasNoDelay() throws {
    var model = TopModel()
    model.apply(update("a", .pending, at: 1, delay: 3600))
    #expect(model.traffic.delay == nil && model.jobs[0].delay == nil)
    model.apply(update("a", .running, at: 2, delay: 0.25))
    model.apply(update("a", .running, at: 3, progress: 0.5, delay: 0.75))
    let delay = try #require(model.traffic.delay)
    #expect(delay.median == 0.75 && delay.largest == 0.75)
    #expect(model.jobs[0].delay == 0.75)
  }

  @Test func sameUpdateAgainChangesNothing() {
    var model = TopModel()
    model.apply(update("a", .pending, at: 100))
    model.apply(update("a", .pending, at: 100, delay: 9))
    #expect(model.jobs[0].delay == nil)
    #expect(model.traffic.history(at: 102).reduce(0, +) == 1)
  }

  @Test func rateAndRemainingTimeComeOfReports() throws {
    var model = TopModel()
    model.apply(update("a", .running, at: 10, progress: 0.25))
    #expect(model.jobs[0].rate == nil && model.jobs[0].remaining(at: 11) == nil)
    model.apply(update("a", .running, at: 12, progress: 0.5))
    #expect(model.jobs[0].rate == 0.125)
    #expect(model.jobs[0].remaining(at: 12) == 4)
    #expect(model.jobs[0].remaining(at: 13) == 3)
    #expect(model.jobs[0].remaining(at: 99) == 0)
    model.apply(update("a", .completed, at: 16))
    #expect(model.jobs[0].remaining(at: 16) == nil && model.jobs[0].progress == 1)
    #expect(model.jobs[0].elapsed(at: 99) == 6)
  }

  @Test func updatesAreCountedBySecond() {
    var traffic = TopTraffic()
    for time in [100.1, 100.9, 101.5, 104.0] { traffic.count(at: time) }
    #expect(traffic.history(at: 105.5) == [0, 0, 0, 0, 0, 2, 1, 0, 0, 1])
    #expect(traffic.rate(at: 105.5) == 0.8)
    #expect(traffic.history(at: 200) == Array(repeating: 0, count: 10))
  }

  @Test func delaysAreThoseOfTheNewestThousand() throws {
    var traffic = TopTraffic()
    traffic.add(delay: 99)
    for _ in 1...1000 { traffic.add(delay: 1) }
    #expect(try #require(traffic.delay) == (1, 1))
  }

  @Test func eachKeySortsAndReverses() {
    var model = TopModel()
    for (id, created) in [("a", 1.0), ("b", 2), ("c", 3)] { model.describe(translation(id, created: created)) }
    model.apply(update("a", .running, at: 4, progress: 0.5, delay: 0.5))
    model.apply(update("b", .running, at: 4, progress: 0.75, delay: 0.25))
    model.apply(update("c", .error, at: 4, delay: 9))
    func order(_ key: TopSort, reversed: Bool = false) -> String {
      model.rows(sortedBy: key, reversed: reversed).map(\.id).joined()
    }
    #expect(order(.newest) == "cba" && order(.newest, reversed: true) == "abc")
    #expect(order(.progress) == "bac")
    #expect(order(.state) == "bac")
    #expect(order(.delay) == "cab")
    #expect(TopSort.allCases.map(\.next) == [.progress, .state, .delay, .newest])
  }

  @Test func filterLooksAtWhatIsSeen() {
    var model = TopModel()
    model.describe(translation("x1", created: 1, title: "Fäust"))
    model.describe(translation("x2", created: 2, title: "Dune", .completed))
    #expect(model.rows(sortedBy: .newest, matching: "FÄU").map(\.id) == ["x1"])
    #expect(model.rows(sortedBy: .newest, matching: "compl").map(\.id) == ["x2"])
    #expect(model.rowCount(matching: "x") == 2 && model.rowCount(matching: "nothing") == 0)
  }

  @Test func listDescribesAndItsGapsAreForgotten() {
    var model = TopModel()
    model.apply(update("a", .running, at: 5))
    model.apply(update("b", .completed, at: 5))
    #expect(model.unlisted == ["a", "b"])
    model.describe(translation("a", created: 1, title: "A\u{1B}[2J\u{202E}"))
    model.describe(translation("b", created: 1))
    #expect(model.unlistedCount == 0)
    #expect(model.jobs[0].description?.title == "A[2J" && model.jobs[0].status == .running)
    model.doubtUnfinished()
    #expect(model.unlisted == ["a"])
    model.forget(["a"])
    #expect(model.jobs.map(\.id) == ["b"] && model.counts[.running] == 0 && model.unlistedCount == 0)
    model.apply(update("b", .error, at: 6))
    #expect(model.jobs.count == 1)
  }

  @Test func oldestFinishedAreForgotten() {
    var model = TopModel(finishedLimit: 10)
    model.apply(update("running", .running, at: 0))
    for number in 0..<30 { model.apply(update("\(number)", .completed, at: Double(number))) }
    let ids = Set(model.jobs.map(\.id))
    #expect(ids.count <= 12 && ids.contains("running") && ids.contains("29") && !ids.contains("0"))
    #expect(model.counts[.completed] == ids.count - 1 && model.unlistedCount == ids.count)
  }
}
