import Glibc
import TestSupport
import Testing

/// How `tclient` ends when it does not end well: its exit code, and one line on stderr that says what to do.
@Suite(.serialized, .paced, .timeLimit(.minutes(3)))
struct ExitCodeTests {
  // MARK: 64, wrong usage

  @Test(arguments: [
    ["bogus"], ["--bogus"], ["status", "--bogus"], ["status", "extra"], ["status", "--header", "no colon"],
    ["monitor", "--max-attempts", "0"], ["monitor", "--max-attempts", "abc"], ["monitor", "--timeout", "-1"],
    ["monitor", "--timeout", "nan"], ["stream"], ["stream", "http://a/", "--retry-delay", "-1"],
    ["stream", "http://a/", "--policy", "none"], ["stream", "http://a/", "--max-event-bytes", "0"],
    ["stream", "http://a/", "--idle-timeout", "0"], ["stream", "http://a/", "--last-event-id", "a\nb"],
    ["monitor", "http://127.0.0.1:8000/status"], ["monitor", ""], ["cancel", "a", ""], ["publish", "a", "cancelled"],
    ["status", "--cacert", "/nowhere"], ["load", "http://a/", "--server-pid", "99999999"],
    ["load", "https://a/"], ["publish", "a", "--batch"], ["publish", "--batch", "--progress", "0.5"],
    ["publish", "--batch", "--if-match", "a"],
  ])
  func wrongUsageIs64AndNamesTheMistake(arguments: [String]) async throws {
    let end = try await withTool("tclient", arguments) { try await $0.finished() }
    #expect(end.exit == .code(64))
    #expect(end.output == [])
    let first = try #require(end.errors.first)
    #expect(first.hasPrefix("Error: "))
    #expect(!first.contains("Missing value"))
    #expect(end.errors.contains { $0.hasPrefix("Usage: tclient") })
    #expect(end.errors.last?.hasPrefix("  See 'tclient ") == true)
  }

  @Test(arguments: ["foo", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:99999/", "http://a b/"])
  func urlThatIsNoneIs64(url: String) async throws {
    for arguments in [["status", "--url", url], ["monitor", "--url", url], ["stream", url]] {
      let end = try await withTool("tclient", arguments) { try await $0.finished() }
      #expect(end.exit == .code(64))
      #expect(end.output == [])
      #expect(try oneLine(end.errors).contains("the request is not valid: "))
    }
  }

  // MARK: 69, no status to be had

  @Test func refusedConnectionIs69() async throws {
    // An address where nobody listens: a port that is free on the usual one may be another test's by then.
    let status = try await tclient("status", "--url", "http://127.0.0.73:8000/status")
    #expect(status.exit == .code(69))
    #expect(status.output == [])
    let line = try oneLine(status.errors)
    #expect(line.contains("cannot connect to http://127.0.0.73:8000: Connection refused"))
    #expect(line.contains("./scripts/run-server.sh") && line.contains("--url"))
  }

  @Test func loadOfAHostThatIsNoneIs69() async throws {
    let load = try await tclient("load", "http://a..b/")
    #expect(load.exit == .code(69))
    #expect(load.output == [])
    #expect(try oneLine(load.errors).contains("cannot resolve a..b:80"))
  }

  /// What was measured is told, and that it is not all.
  @Test(arguments: [SIGINT, SIGTERM])
  func loadThatIsInterruptedSaysSo(signal: Int32) async throws {
    let peer = try ScriptedPeer()
    let end = try await withTool("tclient", ["load", peer.url(), "-n", "1", "--duration", "600", "--json"]) { tool in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await connection.respondEventStream()
      try await connection.sendChunk("data: 1\n\n")
      tool.send(signal)
      return try await tool.finished()
    }
    #expect(end.exit == .code(128 + signal))
    #expect(end.output.count == 1 && end.output[0].contains("\"connected\":"))
  }

  @Test func monitorGivesUpAfterItsAttempts() async throws {
    let peer = try ScriptedPeer()
    async let ended = tclient("monitor", "--max-attempts", "2", "--url", peer.url("/status"))
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    peer.close()
    // The shortest reconnection time there is, so that the attempts follow soon.
    try await connection.respondEventStream()
    try await connection.sendChunk("retry: 1\n\n")
    connection.reset()
    let end = try await ended
    #expect(end.exit == .code(69))
    #expect(end.output == [])
    #expect(end.errors.dropLast().allSatisfy { $0.contains("; trying again in ") })
    #expect(end.errors.count == 3)
    #expect(end.errors.last?.hasPrefix("tclient: gave up after 2 attempts: cannot connect to ") == true)
  }

  @Test func quietMonitorTellsOnlyWhyItGaveUp() async throws {
    let peer = try ScriptedPeer()
    peer.close()
    let end = try await tclient("monitor", "-q", "--timeout", "0", "--url", peer.url("/status"))
    #expect(end.exit == .code(69))
    #expect(end.output == [])
    #expect(try oneLine(end.errors).contains("cannot connect to "))
  }

  @Test(arguments: ["status", "monitor"])
  func notFoundIs69(command: String) async throws {
    let end = try await tclient(command) { peer, _ in
      try await peer.respond(status: 404, headers: ["Content-Type": "text/plain"], body: "nothing here\nat all")
    }
    #expect(end.exit == .code(69))
    #expect(end.output == [])
    let line = try oneLine(end.errors)
    #expect(line.contains("the server answered 404: nothing here. ") && line.contains("--url"))
  }

  @Test(arguments: ["status", "monitor", "list"], [401, 403])
  func refusalOfATokenIs77AndAsksForAnother(command: String, status: Int) async throws {
    let end = try await tclient(command) { peer, _ in try await peer.respond(status: status) }
    #expect(end.exit == .code(77))
    let line = try oneLine(end.errors)
    #expect(line.contains("the server answered \(status). ") && line.contains("--token-file"))
  }

  @Test(arguments: ["status", "monitor"])
  func pageInsteadOfAStreamIs69(command: String) async throws {
    let end = try await tclient(command) { peer, _ in
      try await peer.respond(headers: ["Content-Type": "text/html; charset=utf-8"], body: "<html>\n<h1>Hello")
    }
    #expect(end.exit == .code(69))
    let line = try oneLine(end.errors)
    #expect(line.contains("text/html; charset=utf-8 instead of text/event-stream (an HTML page). "))
    #expect(line.contains("--url"))
  }

  @Test(arguments: ["status", "monitor"])
  func whatDoesNotSpeakHTTPIs69(command: String) async throws {
    let end = try await tclient(command) { peer, _ in
      try await peer.send("SSH-2.0-OpenSSH_9.2p1\r\n")
      peer.close()
    }
    #expect(end.exit == .code(69))
    #expect(try oneLine(end.errors).contains("does not speak HTTP"))
  }

  @Test(arguments: ["status", "monitor"])
  func streamOfSomethingElseIs69(command: String) async throws {
    let end = try await tclient(command) { peer, _ in
      try await peer.respondEventStream()
      try await peer.sendChunk("data: good morning\n\n")
    }
    #expect(end.exit == .code(69))
    #expect(try oneLine(end.errors).contains("is no translation status"))
  }

  @Test func noMoreToSayBeforeTheEndIs69() async throws {
    let end = try await tclient("monitor") { peer, _ in try await peer.sendHead(status: 204) }
    #expect(end.exit == .code(69))
    #expect(try oneLine(end.errors).contains("not final"))
  }

  // MARK: Signals

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func signalEndsItWithinASecond(signal: Int32, code: Int32) async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let commands: [([String], ChildProcess.Exit)] = [
      (["monitor", "--url", peer.url()], .code(code)), (["stream", peer.url()], .code(code)),
      (["status", "--url", peer.url()], .signal(signal)),
    ]
    for (arguments, exit) in commands {
      try await withTool("tclient", arguments) { tool in
        _ = try await peer.nextConnection().request()
        tool.send(signal)
        #expect(try await tool.exit(within: .seconds(1)) == exit)
        #expect(try await tool.finished().errors == [])
      }
    }
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func signalEndsItWhileItWaitsToReconnect(signal: Int32, code: Int32) async throws {
    let peer = try ScriptedPeer()
    peer.close()
    try await withTool("tclient", ["monitor", "--url", peer.url()]) { tool in
      _ = try await tool.errors.line(containing: "trying again in ")
      tool.send(signal)
      #expect(try await tool.exit(within: .seconds(1)) == .code(code))
    }
  }
}
