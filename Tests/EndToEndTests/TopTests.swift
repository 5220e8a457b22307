import Glibc
import TestSupport
import Testing

/// `tclient top` on a terminal, and in a pipe.
@Suite(.paced, .timeLimit(.minutes(3)))
struct TopTests {
  private static func told(_ job: String, _ status: String, _ more: String = "") -> String {
    "data: {\"status\":\"\(status)\",\"timestamp\":1.5\(more),\"job\":\"\(job)\"}\n\n"
  }

  /// `top` on a terminal of its own, with a server that has one translation; on the screen when `body` runs.
  private func withTop(
    _ body: (ChildProcess, ChildTerminal) async throws -> Void
  ) async throws {
    try await withServer("--delay", "60", "--no-access-log", environment: ["TSERVER_PORT": "0"]) { server in
      let terminal = try ChildTerminal(columns: 100, rows: 24)
      defer { terminal.hangUp() }
      let environment = ["TCLIENT_URL": server.url, "TERM": "xterm-256color", "NO_COLOR": ""]
      try await withTool("tclient", ["top"], environment: environment, terminal: terminal) { top in
        try await shows("1 translation", on: terminal)
        try await shows("● live", on: terminal)
        try await shows("The translation that", on: terminal)
        try await body(top, terminal)
      }
    }
  }

  private func shows(_ text: String, on terminal: ChildTerminal, after start: Int = 0) async throws {
    try await terminal.written.wait(for: text.debugDescription) { written in
      written.dropFirst(start).contains(text) ? () : nil
    }
  }

  private func isGivenBack(_ terminal: ChildTerminal, after start: Int = 0) async throws {
    try await shows("\u{1B}[?1049l", on: terminal, after: start)
    #expect(terminal.written.value.hasSuffix("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"))
    #expect(terminal.isCooked)
  }

  @Test(arguments: [("q", Int32(0)), ("\u{3}", Int32(130))])
  func keysEndItAndTheTerminalIsGivenBack(key: String, code: Int32) async throws {
    try await withTop { top, terminal in
      #expect(terminal.written.value.hasPrefix("\u{1B}[?1049h\u{1B}[?25l"))
      #expect(!terminal.isCooked)
      terminal.type(key)
      #expect(try await top.exit() == .code(code))
      try await isGivenBack(terminal)
    }
  }

  @Test(arguments: [(SIGTERM, Int32(143)), (SIGINT, Int32(130))])
  func signalsEndItAndTheTerminalIsGivenBack(signal: Int32, code: Int32) async throws {
    try await withTop { top, terminal in
      top.send(signal)
      #expect(try await top.exit() == .code(code))
      try await isGivenBack(terminal)
    }
  }

  @Test func shellGetsItsScreenWhileItIsStopped() async throws {
    try await withTop { top, terminal in
      // Not by luck: it may not take the terminal again before it stands still.
      for _ in 1...5 {
        let before = terminal.written.value.count
        terminal.type("\u{1A}")
        try await top.stop()
        try await isGivenBack(terminal, after: before)
        top.send(SIGCONT)
        try await shows("The translation that", on: terminal, after: before)
      }
      let before = terminal.written.value.count
      terminal.type("q")
      #expect(try await top.exit() == .code(0))
      try await isGivenBack(terminal, after: before)
    }
  }

  @Test func paintsAnewInTheNewSize() async throws {
    try await withTop { top, terminal in
      let before = terminal.written.value.count
      terminal.resize(columns: 60, rows: 7)
      // The last line is now the seventh.
      try await shows("\u{1B}[2J", on: terminal, after: before)
      try await shows("\u{1B}[7;1H", on: terminal, after: before)
      terminal.type("?")
      try await shows("sort by the next", on: terminal, after: before)
      terminal.type("?q")
      // The first key leaves the help.
      #expect(try await top.exit() == .code(0))
    }
  }

  @Test func filterIsAppliedAsItIsTyped() async throws {
    try await withTop { top, terminal in
      terminal.type("/nothing like it")
      try await shows("None matches nothing like it.", on: terminal)
      let before = terminal.written.value.count
      terminal.type("\u{1B}")
      try await shows("The translation that", on: terminal, after: before)
      terminal.type("q")
      #expect(try await top.exit() == .code(0))
    }
  }

  @Test func refusalEndsItWithASentenceOnTheShellsScreen() async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let terminal = try ChildTerminal(columns: 100, rows: 24)
    defer { terminal.hangUp() }
    let environment = ["TCLIENT_SERVER": peer.url(""), "TERM": "xterm"]
    try await withTool("tclient", ["top"], environment: environment, terminal: terminal) { top in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await connection.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
      #expect(try await top.exit() == .code(77))
      try await shows("\u{1B}[?1049l", on: terminal)
      try await shows("Give a token", on: terminal)
      #expect(terminal.isCooked)
    }
  }

  private static let pipeLines: [([String], String)] = [
    ([], "Monitoring Update: Job: a, Status: running, Timestamp: 1.5, Progress: 50 %"), (["-q"], "a running"),
    (["--json"], #"{"status":"running","timestamp":1.5,"progress":0.5,"job":"a","received":"#),
  ]

  @Test(arguments: pipeLines)
  func pipeGetsALineForEachUpdate(options: [String], line: String) async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    try await withTool("tclient", ["top"] + options, environment: ["TCLIENT_SERVER": peer.url("")]) { top in
      let connection = try await peer.nextConnection()
      #expect(try await connection.request().target == "/translations/events")
      try await connection.respondEventStream()
      try await connection.sendChunk(Self.told("a", "running", ",\"progress\":0.5"))
      #expect(try await top.output.line { _ in true }.hasPrefix(line))
      top.send(SIGTERM)
      #expect(try await top.finished().errors == [])
    }
  }

  @Test func dumbTerminalGetsLines() async throws {
    try await withServer { server in
      let terminal = try ChildTerminal(columns: 100, rows: 24)
      defer { terminal.hangUp() }
      try await withTool(
        "tclient", ["top", "--url", server.url], environment: ["TERM": "dumb"], terminal: terminal
      ) { top in
        try await shows("Status: pending", on: terminal)
        #expect(!terminal.written.value.contains("\u{1B}") && terminal.isCooked)
        top.send(SIGTERM)
        #expect(try await top.exit() == .code(143))
      }
    }
  }
}
