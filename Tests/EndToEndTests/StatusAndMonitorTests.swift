import Glibc
import TestSupport
import Testing

/// What `tclient status` and `tclient monitor` print, against a real `tserver`.
@Suite(.serialized, .paced, .timeLimit(.minutes(3)))
struct StatusAndMonitorTests {
  @Test func wholeScenarioIsPrintedLineForLine() async throws {
    try await withServer("--delay", "4") { server in
      let first = try await tclient("status", "--url", server.url)
      #expect(first.exit == .code(0))
      #expect(first.errors == [])
      #expect(first.output.count == 1)
      let pending = try #require(
        first.output[0].wholeMatch(of: /Current Status: pending, Timestamp: (\d{10}\.\d{1,6})/)?.output.1)

      let monitor = try await tclient("monitor", "--url", server.url)
      #expect(monitor.exit == .code(0))
      #expect(monitor.errors == [])
      let lines = monitor.output
      try #require(lines.count == 6)
      #expect(lines[0] == "Monitoring Update: Status: pending, Timestamp: \(pending)")
      let completed = try #require(
        lines[1].wholeMatch(of: /Monitoring Update: Status: completed, Timestamp: (\d{10}\.\d{1,6})/)?.output.1)
      #expect(lines[2] == "Processing completed!")
      #expect(lines[3] == "Server 'completed' Timestamp: \(completed)")
      #expect(lines[4].wholeMatch(of: /Client Received 'completed' Timestamp: \d{10}\.\d{1,7}/) != nil)
      let delay = try #require(
        lines[5].wholeMatch(
          of: /Calculated Delay: (\d+\.\d{3}) seconds \((\d+\.\d{3}) ms\)(?: ± \d+\.\d{3} ms|, clocks not compared)/)?
          .output)
      #expect(try #require(Double(delay.1)) < 1)
      #expect(abs(try #require(Double(delay.1)) * 1000 - (try #require(Double(delay.2)))) <= 0.5)

      let last = try await tclient("status", "--url", server.url)
      #expect(last.output == ["Current Status: completed, Timestamp: \(completed)"])
    }
  }

  @Test func updatesArePrintedAsTheyCome() async throws {
    try await withServer("--delay", "60") { server in
      try await withTool("tclient", ["monitor", "--url", server.url]) { monitor in
        // The line is there although the monitor goes on.
        _ = try await monitor.output.line(containing: "Monitoring Update: Status: pending, Timestamp: ")
      }
    }
  }

  @Test func progressIsPrintedInPercent() async throws {
    let monitor = try await tclient("monitor") { peer, _ in try await Self.stream(to: peer) }
    #expect(
      monitor.output.prefix(5) == [
        "Monitoring Update: Status: pending, Timestamp: 1.5",
        "Monitoring Update: Status: running, Timestamp: 1733752895.6343958, Progress: 67 %, Message: a \"b\"",
        "Monitoring Update: Status: completed, Timestamp: 1733752896.0, Progress: 100 %",
        "Processing completed!",
        "Server 'completed' Timestamp: 1733752896.0",
      ])
  }

  @Test func failedTranslationIsExitCode1AndItsMessage() async throws {
    try await withServer("--delay", "0.1", "--fail", "no such language") { server in
      let monitor = try await tclient("monitor", "--url", server.url)
      #expect(monitor.exit == .code(1))
      #expect(monitor.errors == [])
      #expect(monitor.output.contains("Processing ended: no such language"))
      #expect(monitor.output.last?.hasPrefix("Calculated Delay: ") == true)
      #expect(try await tclient("monitor", "--json", "--url", server.url).exit == .code(1))
      let quiet = try await tclient("monitor", "--quiet", "--url", server.url)
      #expect(quiet.exit == .code(1))
      #expect(quiet.output == ["error"])

      // The question was answered.
      let status = try await tclient("status", "--url", server.url)
      #expect(status.exit == .code(0))
      #expect(status.output[0].hasPrefix("Current Status: error, Timestamp: "))
      #expect(status.errors == ["tclient: no such language"])
    }
  }

  @Test func jsonIsOneObjectALine() async throws {
    let monitor = try await tclient("monitor", "--json") { peer, _ in try await Self.stream(to: peer) }
    #expect(monitor.exit == .code(0))
    #expect(monitor.errors == [])
    let more = /,"received":\d{10}\.\d{1,7},"delay":\d+\.\d+}$/
    #expect(monitor.output.allSatisfy { $0.contains(more) })
    #expect(
      monitor.output.map { $0.replacing(more, with: "") } == [
        #"{"status":"pending","timestamp":1.5"#,
        #"{"status":"running","timestamp":1733752895.6343958,"progress":0.67,"message":"a \"b\"","job":"j1""#,
        #"{"status":"completed","timestamp":1733752896.0,"progress":1.0"#,
      ])

    let status = try await tclient("status", "--json") { peer, _ in try await Self.stream(to: peer) }
    #expect(status.exit == .code(0))
    #expect(status.output.map { $0.replacing(more, with: "") } == [#"{"status":"pending","timestamp":1.5"#])
  }

  /// And it leaves the cursor to a shell that Ctrl-Z brings back.
  @Test(arguments: [("xterm", true), ("dumb", false), ("", false)])
  func lineLivesWhereItCanBeRedrawn(type: String, isLive: Bool) async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let terminal = try ChildTerminal(columns: 80, rows: 24)
    defer { terminal.hangUp() }
    let environment = ["TCLIENT_URL": peer.url("/status"), "TERM": type]
    try await withTool("tclient", ["monitor"], environment: environment, terminal: terminal) { monitor in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await Self.stream(to: connection)
      #expect(try await monitor.exit() == .code(0))
      try await terminal.written.wait(for: "the end") { $0.contains("Calculated Delay: ") ? () : nil }
      #expect(terminal.written.value.contains("\u{1B}[K") == isLive)
      #expect(!terminal.written.value.contains("\u{1B}[?25"))
    }
  }

  /// A stream of three statuses.
  private static func stream(to peer: PeerConnection) async throws {
    try await peer.respondEventStream()
    try await peer.sendChunk(
      """
      data: {"status":"pending","timestamp":1.5}

      data: {"status":"running","timestamp":1733752895.6343958,"progress":0.67,"message":"a \\"b\\"","job":"j1","x":1}

      data: {"status":"completed","timestamp":1733752896,"progress":1}


      """)
  }

  @Test func quietIsTheResultAlone() async throws {
    try await withServer("--delay", "0.3") { server in
      let monitor = try await tclient("monitor", "-q", "--url", server.url)
      #expect(monitor.exit == .code(0))
      #expect(monitor.output == ["completed"])
      #expect(monitor.errors == [])
      #expect(try await tclient("status", "--quiet", "--url", server.url).output == ["completed"])
    }
  }

  @Test func urlMayComeFromTheEnvironment() async throws {
    try await withServer("--delay", "0") { server in
      let status = try await tclient("status", "-q", environment: ["TCLIENT_URL": server.url])
      #expect(status.output == ["completed"])
      // The option is stronger.
      let other = try await tclient("status", "-q", "--url", server.url, environment: ["TCLIENT_URL": "http://[::1]:1"])
      #expect(other.output == ["completed"])
    }
  }

  @Test func headersAreSent() async throws {
    let status = try await tclient("status", "-q", "-H", "Authorization: Bearer x", "--header", "A:b") {
      peer, request in
      #expect(request["Authorization"] == "Bearer x")
      #expect(request["A"] == "b")
      #expect(request["Accept"] == "text/event-stream")
      try await peer.respond(
        headers: ["Content-Type": "application/json"], body: #"{"status":"running","timestamp":1}"#)
    }
    #expect(status.exit == .code(0))
    #expect(status.output == ["running"])
  }
}
