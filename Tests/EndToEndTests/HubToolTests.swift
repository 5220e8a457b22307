import TestSupport
import Testing

/// What `tclient submit`, `list`, `cancel`, `publish` and `monitor ID…` print, against a real `tserver`.
///
/// An id may begin with a hyphen: it stands after `--`.
@Suite(.paced, .timeLimit(.minutes(3)))
struct HubToolTests {
  private func submit(_ url: String, _ more: String...) async throws -> String {
    let end = try await withTool("tclient", ["submit", "de", "en", "--quiet", "--url", url] + more) {
      try await $0.finished()
    }
    #expect(end.exit == .code(0))
    return try #require(end.output.first)
  }

  @Test func submittedPublishedListedAndCancelled() async throws {
    try await withServer("--delay", "60") { server in
      let submitted = try await tclient("submit", "de", "en", "--title", "Fäust", "--url", server.url)
      let id = try #require(submitted.output.first?.wholeMatch(of: /Translation: ([A-Za-z0-9]{22})/)?.output.1)
      #expect(submitted.output.last == "Status: http://127.0.0.1:\(server.port)/translations/\(id)/status")

      let published = try await tclient("publish", "--progress", "0.5", "--url", server.url, "--", "\(id)", "running")
      #expect(published.output.count == 1 && published.exit == .code(0))
      let back = try await tclient("publish", "--progress", "0.25", "--url", server.url, "--", "\(id)", "running")
      #expect(back.exit == .code(1))
      #expect(back.errors == ["tclient: The progress is 0.5 and cannot go back to 0.25."])

      let list = try await tclient("list", "--url", server.url)
      #expect(list.output.first == "\(id)\trunning\t50 %\tde\ten\tFäust")
      #expect(list.output.count == 2)
      #expect(try await tclient("list", "--status", "completed", "--url", server.url).output == [])

      let cancelled = try await tclient("cancel", "--url", server.url, "--", "\(id)")
      #expect(cancelled.output == ["Cancelled: \(id)"])
      let late = try await tclient("publish", "--url", server.url, "--", "\(id)", "completed")
      #expect(late.exit == .code(1))
      let json = try await tclient("list", "--status", "cancelled", "--json", "--url", server.url)
      #expect(json.output.count == 1 && json.output[0].hasPrefix("{\"id\":\"\(id)\","))
    }
  }

  @Test func manyAreMonitoredToTheirEnds() async throws {
    try await withServer("--delay", "60") { server in
      let ids = try await [submit(server.url), submit(server.url)]
      try await withTool("tclient", ["monitor", "--url", server.url, "--"] + ids) { monitor in
        for id in ids { _ = try await monitor.output.line(containing: "Job: \(id), Status: pending") }
        for id in ids {
          _ = try await tclient("publish", "--progress", "0.5", "--url", server.url, "--", id, "running")
          _ = try await monitor.output.line(containing: "Job: \(id), Status: running")
          _ = try await tclient("publish", "--url", server.url, "--", id, "completed")
        }
        let end = try await monitor.finished()
        #expect(end.exit == .code(0))
        #expect(end.errors == [])
        #expect(
          end.output.last?.wholeMatch(
            of: /Delay of 4 updates: p50 \d+\.\d{3} ms, p99 \d+\.\d{3} ms, max \d+\.\d{3} ms/) != nil)
      }
    }
  }

  @Test func oneThatFailsIsExitCode1() async throws {
    try await withServer("--delay", "60") { server in
      let ids = try await [
        submit(server.url, "--simulate", "0.1", "--fail", "no luck"), submit(server.url, "--simulate", "0"),
      ]
      let end = try await withTool("tclient", ["monitor", "-q", "--url", server.url, "--"] + ids) {
        try await $0.finished()
      }
      #expect(end.exit == .code(1))
      #expect(end.output == ["\(ids[0]) error", "\(ids[1]) completed"])
      let waited = try await tclient("submit", "de", "en", "--simulate", "0.1", "--wait", "--json", "--url", server.url)
      #expect(waited.exit == .code(0))
      #expect(waited.output.last?.contains("\"status\":\"completed\"") == true)
    }
  }

  @Test func batchIsReadFromStandardInput() async throws {
    try await withServer("--delay", "60") { server in
      let ids = try await [submit(server.url), submit(server.url)]
      let lines =
        ids.map { "{\"job\":\"\($0)\",\"status\":\"completed\"}" } + ["{\"job\":\"nobody\",\"status\":\"running\"}"]
      let command =
        "printf '%s\\n' \(lines.map { "'\($0)'" }.joined(separator: " ")) | \"$0\" publish --batch --url \"$1\""
      let tool = "\(ChildProcess.productsDirectory)/tclient"
      let end = try await withProgram("/bin/sh", ["-c", command, tool, server.url]) { try await $0.finished() }
      #expect(end.exit == .code(1))
      #expect(end.output.map { $0.split(separator: "\t")[0] } == ids.map { $0[...] })
      #expect(end.errors.first?.contains("There is no such translation") == true)
    }
  }

  @Test(
    arguments: [
      (["submit", "de"], "Missing expected argument '<target>'"), (["publish"], "Give a translation and its status"),
      (["publish", "x", "done"], "The value 'done' is invalid"),
      (["submit", "de", "en", "--fail", "x"], "need --simulate"),
      (["publish", "x", "running", "--progress", "2"], "--progress has to be from 0 to 1"),
    ])
  func wrongUsageIs64(arguments: [String], sentence: String) async throws {
    let end = try await withTool("tclient", arguments) { try await $0.finished() }
    #expect(end.exit == .code(64))
    #expect(end.errors.joined(separator: " ").contains(sentence))
  }

  @Test func unknownTranslationIs69() async throws {
    try await withServer("--delay", "60") { server in
      let end = try await tclient("monitor", "nobody", "--url", server.url)
      #expect(end.exit == .code(69))
      #expect(end.errors.first?.contains("There is no translation nobody") == true)
    }
  }
}
