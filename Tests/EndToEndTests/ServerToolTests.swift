import Glibc
import TestSupport
import Testing

/// The real `tserver`, as its clients and its operator see it.
@Suite(.serialized, .paced, .timeLimit(.minutes(3)))
struct ServerToolTests {
  private func get(_ server: RunningServer, accept: String = "text/event-stream") async throws -> RawClient {
    let client = try await RawClient(port: server.port)
    try await client.send("GET /status HTTP/1.1\r\nHost: a\r\nAccept: \(accept)\r\n\r\n")
    return client
  }

  // MARK: What clients see

  @Test func eachStatusIsSentAsItComesAbout() async throws {
    try await withServer("--delay", "60", "--retry", "1234") { server in
      let client = try await get(server)
      #expect(try await client.response()["Content-Type"] == "text/event-stream")
      // It can be read although the stream goes on for a minute.
      let pending = try await client.body(until: "\n\n")
      #expect(
        pending.wholeMatch(
          of:
            /retry: 1234\nid: \S+-1\ndata: {"status":"pending","timestamp":\d{10}\.\d+,"job":"[^"]+","sent":\d{10}\.\d{6}}\n\n/
        ) != nil)
      #expect(!client.isClosedByServer)
    }
  }

  @Test func jsonIsTheStatusOnce() async throws {
    try await withServer("--delay", "0") { server in
      let client = try await get(server, accept: "application/json")
      #expect(try await client.response()["Content-Type"] == "application/json")
      #expect(
        try await client.bodyToEnd().wholeMatch(of: /{"status":"completed","timestamp":[0-9.]+,"job":"[^"]+"}/) != nil)
    }
  }

  @Test func heartbeatsKeepASilentStreamAlive() async throws {
    try await withServer("--delay", "60", "--heartbeat", "0.1") { server in
      let client = try await get(server)
      _ = try await client.response()
      #expect(try await client.body(until: "\n:").contains("pending"))
      _ = try await client.body(until: "\n:")
    }
  }

  @Test func requestsAreLogged() async throws {
    try await withServer("--delay", "0") { server in
      let client = try await get(server)
      let line = try await server.process.output.line(containing: "GET")
      #expect(line == "127.0.0.1:\(client.localPort) - \"GET /status HTTP/1.1\" 200")
    }
    try await withServer("--delay", "0", environment: ["TSERVER_PORT": "0", "TSERVER_ACCESS_LOG": "false"]) { server in
      let response = try await get(server).response()
      #expect(response.status == 200)
      server.process.send(SIGTERM)
      #expect(try await server.process.finished().output.count == 1)
    }
  }

  // MARK: How it ends

  @Test(arguments: [SIGTERM, SIGINT])
  func signalEndsEveryStreamProperly(signal: Int32) async throws {
    try await withServer("--delay", "60") { server in
      let client = try await get(server)
      _ = try await client.response()
      _ = try await client.body(until: "pending")
      server.process.send(signal)
      // With the last chunk, not in the middle.
      _ = try await client.bodyToEnd()
      #expect(try await client.closedByServer().how == .finished)
      #expect(try await server.process.exit() == .code(0))
    }
  }

  @Test func signalRightAfterTheFirstLineEndsItProperlyToo() async throws {
    for _ in 0..<5 {
      try await withTool("tserver", ["--port", "0"]) { tool in
        _ = try await tool.output.line(containing: "Listening")
        tool.send(SIGTERM)
        #expect(try await tool.exit() == .code(0))
      }
    }
  }

  @Test func monitorOutlivesAKilledServer() async throws {
    // An address of this test's own: nothing else can take the port while nobody listens there.
    let first = ["--host", "127.0.0.5", "--port", "0", "--delay", "60", "--retry", "50"]
    try await withTool("tserver", first) { tool in
      let line = try await tool.output.line(containing: "Listening on ")
      let url = String(line.dropFirst("Listening on ".count))
      let port = String(try #require(line.firstMatch(of: /:(\d+)\//)?.output.1))
      try await withTool("tclient", ["monitor", "--url", url]) { monitor in
        _ = try await monitor.output.line(containing: "Status: pending")
        tool.send(SIGKILL)
        #expect(try await tool.exit() == .signal(SIGKILL))
        _ = try await monitor.errors.line(containing: "; trying again in ")

        try await withServer("--host", "127.0.0.5", "--port", port, "--delay", "0.3") { server in
          #expect(server.url == url)
          let end = try await monitor.finished()
          #expect(end.exit == .code(0))
          #expect(end.output.contains("Processing completed!"))
          let last = try await tclient("status", "--url", url)
          #expect(
            end.output.contains {
              $0 == last.output[0].replacing("Current Status:", with: "Monitoring Update: Status:")
            })
        }
      }
    }
  }

  // MARK: How it does not start

  @Test func portInUseIsOneSentenceAndExitCode1() async throws {
    let peer = try ScriptedPeer()
    defer { peer.close() }
    let end = try await tserver("--port", "\(peer.port)")
    #expect(end.exit == .code(1))
    #expect(end.output == [])
    let line = try oneLine(end.errors, of: "tserver")
    #expect(line.contains("port \(peer.port) on 127.0.0.1 is in use: stop the server that listens there, or choose "))
  }

  @Test func hostThatIsNotOursIsOneSentenceAndExitCode1() async throws {
    let end = try await tserver("--port", "0", "--host", "192.0.2.1")
    #expect(end.exit == .code(1))
    #expect(try oneLine(end.errors, of: "tserver").contains("give a name or an address of this machine"))
  }

  @Test(arguments: [
    ["--bogus"], ["extra"], ["--delay", "-1"], ["--delay", "abc"], ["--delay", "nan"], ["--port", "70000"],
    ["--port", "-1"], ["--port", "abc"], ["--steps", "-1"], ["--heartbeat", "-1"], ["--max-connections", "0"],
    ["--log-level", "loud"], ["--grace", "inf"],
  ])
  func wrongUsageIs64AndNamesTheMistake(arguments: [String]) async throws {
    let end = try await withTool("tserver", arguments) { try await $0.finished() }
    #expect(end.exit == .code(64))
    #expect(end.output == [])
    #expect(try #require(end.errors.first).hasPrefix("Error: "))
    #expect(try #require(end.errors.first).contains(arguments[0]))
    #expect(end.errors.contains { $0.hasPrefix("Usage: tserver") })
  }

  // MARK: The environment

  @Test func optionsMayComeFromTheEnvironment() async throws {
    let environment = ["TSERVER_PORT": "0", "TSERVER_DELAY": "0", "TSERVER_FAIL": "out of ink", "TSERVER_RETRY": ""]
    try await withServer(environment: environment) { server in
      let status = try await tclient("status", "--url", server.url)
      #expect(status.errors == ["tclient: out of ink"])
    }
    // The option is stronger.
    try await withServer("--port", "0", "--delay", "0", environment: ["TSERVER_PORT": "x", "TSERVER_DELAY": "60"]) {
      let status = try await tclient("status", "-q", "--url", $0.url)
      #expect(status.output == ["completed"])
    }
  }

  @Test(arguments: [
    "PORT", "DELAY", "STEPS", "HEARTBEAT", "RETRY", "MAX_CONNECTIONS", "GRACE", "ACCESS_LOG", "LOG_LEVEL",
  ])
  func wrongValueInTheEnvironmentIs64AndNamesTheVariable(name: String) async throws {
    let end = try await tserver(environment: ["TSERVER_\(name)": "x1"])
    #expect(end.exit == .code(64))
    #expect(try #require(end.errors.first).contains("TSERVER_\(name) has to be "))
    #expect(end.errors.count <= 3)
  }
}
