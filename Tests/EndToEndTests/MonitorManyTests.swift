import TestSupport
import Testing

/// What `tclient monitor ID…` shows and how it ends, against a scripted peer.
@Suite(.paced, .timeLimit(.minutes(3)))
struct MonitorManyTests {
  private static func told(_ job: String, _ status: String, _ more: String = "") -> String {
    "data: {\"status\":\"\(status)\",\"timestamp\":1.5\(more),\"job\":\"\(job)\"}\n\n"
  }

  /// Three translations: completed, failed, cancelled.
  private static func stream(to peer: PeerConnection) async throws {
    try await peer.respondEventStream()
    let ids = ["first", "second", "a-third-with-a-name-that-is-too-long"]
    try await peer.sendChunk(ids.map { told($0, "running", ",\"progress\":0.5") }.joined())
    try await peer.sendChunk(told(ids[0], "completed") + told(ids[1], "error") + told(ids[2], "cancelled"))
  }

  private static let ids = ["first", "second", "a-third-with-a-name-that-is-too-long"]

  @Test func linesOfAPipeNameTheTranslation() async throws {
    let monitor = try await tclient("monitor", "first") { peer, request in
      #expect(request.target == "/translations/events?id=first")
      try await peer.respondEventStream()
      try await peer.sendChunk(Self.told("first", "running", ",\"progress\":0.5") + Self.told("first", "completed"))
    }
    #expect(monitor.exit == .code(0))
    #expect(
      monitor.output.prefix(2) == [
        "Monitoring Update: Job: first, Status: running, Timestamp: 1.5, Progress: 50 %",
        "Monitoring Update: Job: first, Status: completed, Timestamp: 1.5",
      ])
    #expect(monitor.output.count == 3 && monitor.output[2].hasPrefix("Delay of 1 update: "))
  }

  @Test func whyOneFailedIsTold() async throws {
    let monitor = try await tclient("monitor", "first") { peer, _ in
      try await peer.respondEventStream()
      try await peer.sendChunk(Self.told("first", "error", ",\"message\":\"bad\\u001b thing\""))
    }
    #expect(monitor.output == ["Monitoring Update: Job: first, Status: error, Timestamp: 1.5, Message: bad thing"])
  }

  @Test func oneThatDidNotCompleteIsExitCode1() async throws {
    for (status, code) in [("completed", Int32(0)), ("error", 1), ("cancelled", 1)] {
      let monitor = try await tclient("monitor", "-q", "first") { peer, _ in
        try await peer.respondEventStream()
        try await peer.sendChunk(Self.told("first", status))
      }
      #expect(monitor.exit == .code(code))
      #expect(monitor.output == ["first \(status)"])
    }
  }

  @Test func summaryIsPrintedOfOneIfItIsAskedFor() async throws {
    func answer(_ peer: PeerConnection, _: RecordedRequest) async throws {
      try await peer.respondEventStream()
      try await peer.sendChunk(Self.told("j", "pending") + Self.told("j", "running") + Self.told("j", "completed"))
    }
    let text = try await tclient("monitor", "--summary", answer: answer)
    #expect(text.output.count == 8)
    #expect(
      text.output.last?.wholeMatch(of: /Delay of 2 updates: p50 \d+\.\d{3} ms, p99 \d+\.\d{3} ms, max \d+\.\d{3} ms/)
        != nil)
    let json = try await tclient("monitor", "--summary", "--json", answer: answer)
    #expect(json.output.count == 4)
    #expect(json.output.last?.hasPrefix(#"{"delays":{"count":2,"p50":"#) == true)
    let none = try await tclient("monitor", answer: answer)
    #expect(none.output.count == 7)
    for (options, count) in [(["--summary"], 3), ([], 2)] {
      let peer = try ScriptedPeer()
      let url = ["TCLIENT_URL": peer.url("/status")]
      let many = try await withTool("tclient", ["monitor", "-q", "j", "k"] + options, environment: url) { tool in
        let connection = try await peer.nextConnection()
        _ = try await connection.request()
        try await connection.respondEventStream()
        try await connection.sendChunk(Self.told("j", "completed") + Self.told("k", "completed"))
        return try await tool.finished()
      }
      #expect(many.output.prefix(2) == ["j completed", "k completed"])
      #expect(many.output.count == count)
    }
  }

  @Test func attemptsOfManyAreLimited() async throws {
    let peer = try ScriptedPeer()
    peer.close()
    let monitor = try await tclient("monitor", "a", "--max-attempts", "1", "--server", peer.url(""))
    #expect(monitor.exit == .code(69))
    #expect(try oneLine(monitor.errors).contains("Connection refused"))
  }

  @Test func serverMayComeFromTheEnvironment() async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let environment = ["TCLIENT_SERVER": peer.url("/hub/"), "TCLIENT_URL": "http://127.0.0.1:1/elsewhere"]
    try await withTool("tclient", ["list"], environment: environment) { tool in
      let connection = try await peer.nextConnection()
      #expect(try await connection.request().target == "/hub/translations?limit=50")
      try await connection.respond(headers: ["Content-Type": "application/json"], body: #"{"translations":[]}"#)
      #expect(try await tool.finished() == Finished(exit: .code(0), output: [], errors: []))
    }
  }

  // MARK: On a terminal

  /// All that the tool writes to a terminal of so many columns and rows.
  private func terminal(
    _ columns: Int, _ rows: Int, _ options: String = "", type: String = "xterm"
  ) async throws -> String {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let tool = "\(ChildProcess.productsDirectory)/tclient"
    let command =
      "stty cols \(columns) rows \(rows); \(tool) monitor \(options) --server \(peer.url("")) \(Self.ids.joined(separator: " "))"
    let environment = ["NO_COLOR": "1", "SHELL": "/bin/sh", "TERM": type]
    return try await withProgram(
      "/usr/bin/script", ["-qec", command, "/dev/null"], environment: environment
    ) { script in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await Self.stream(to: connection)
      let end = try await script.finished()
      #expect(end.exit == .code(1))
      return end.output.map { $0.hasSuffix("\r") ? String($0.dropLast()) : $0 }.joined(separator: "\n")
    }
  }

  /// What stays on the screen: the lines after the last erasure.
  private func last(_ text: String) -> [String] {
    (text.split(separator: "\u{1B}[J").last ?? "").split(separator: "\n").map(String.init)
  }

  @Test func barsStandInColumns() async throws {
    let lines = last(try await terminal(80, 24))
    try #require(lines.count == 4)
    #expect(lines[0] == "first                  " + String(repeating: "█", count: 40) + " 100 % completed")
    #expect(lines[1] == "second                 " + String(repeating: "░", count: 40) + "   0 % error    ")
    #expect(lines[2].hasPrefix("a-third-with-a-name-th "))
    #expect(lines[3].hasPrefix("Delay of 3 updates: "))
  }

  @Test(arguments: [1, 5, 16, 17, 20, 21, 22, 30, 45])
  func barsFitTheWidth(columns: Int) async throws {
    let bars = last(try await terminal(columns, 24)).dropLast()
    #expect(bars.count == 3)
    #expect(bars.allSatisfy { $0.count <= max(1, columns - 1) }, "\(bars)")
  }

  @Test func barsThatDoNotFitAreCounted() async throws {
    let lines = last(try await terminal(60, 4))
    #expect(lines.count == 4)
    #expect(lines[2] == "and 1 more; 3 of 3 have ended")
  }

  @Test(arguments: ["dumb", ""])
  func terminalThatCannotRedrawGetsLines(type: String) async throws {
    let text = try await terminal(80, 24, type: type)
    #expect(!text.contains("\u{1B}"))
    #expect(text.hasPrefix("Monitoring Update: Job: first, Status: running, Timestamp: 1.5, Progress: 50 %\n"))
  }

  @Test func jsonOnATerminalIsLinesAlone() async throws {
    let text = try await terminal(80, 24, "--json")
    #expect(!text.contains("\u{1B}"))
    #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("{\"status\":") })
  }
}
