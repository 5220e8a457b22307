import Glibc
import TestSupport
import Testing
import TranslationAPI

/// What `tclient status` and `tclient monitor` print, against a real `tserver`.
@Suite(.serialized, .paced, .timeLimit(.minutes(1)))
struct StatusAndMonitorTests {
  @Test func wholeScenarioIsPrintedLineForLine() async throws {
    try await withServer("--delay", "1.5") { server in
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
        lines[5].wholeMatch(of: /Calculated Delay: (\d+\.\d{3}) seconds \((\d+\.\d{3}) ms\)/)?.output)
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
    try await withServer("--delay", "1.5", "--steps", "1") { server in
      let output = try await tclient("monitor", "--url", server.url).output
      #expect(
        output.map { $0.replacing(/Timestamp: [0-9.]+/, with: "T") }.prefix(3) == [
          "Monitoring Update: Status: pending, T", "Monitoring Update: Status: running, T, Progress: 50 %",
          "Monitoring Update: Status: completed, T, Progress: 100 %",
        ])
    }
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
    try await withServer("--delay", "1.5", "--steps", "1") { server in
      let monitor = try await tclient("monitor", "--json", "--url", server.url)
      #expect(monitor.exit == .code(0))
      #expect(monitor.errors == [])
      let updates = try monitor.output.map { try StatusUpdate(json: Array($0.utf8)) }
      #expect(updates.map(\.status) == [.pending, .running, .completed])
      let pattern =
        /\{"status":"running","timestamp":[0-9.]+,"progress":0\.5,"received":[0-9.]+,"delay":[0-9.e-]+\}/
      #expect(monitor.output[1].wholeMatch(of: pattern) != nil)

      let status = try await tclient("status", "--json", "--url", server.url)
      #expect(try StatusUpdate(json: Array(status.output[0].utf8)) == updates.last)
      #expect(status.output.count == 1)
    }
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
