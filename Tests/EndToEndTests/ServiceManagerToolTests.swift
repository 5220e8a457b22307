import Glibc
import TestSupport
import Testing

/// `tserver` as a service: a socket that it is passed, and what it tells of itself.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ServiceManagerToolTests {
  @Test func tellsThatItIsReadyAliveAndEnding() async throws {
    let inbox = try NotifySocket(isAbstract: false)
    let environment = ["TSERVER_PORT": "0", "NOTIFY_SOCKET": inbox.name, "WATCHDOG_USEC": "100000"]
    try await withServer("--shards", "3", environment: environment) { server in
      #expect(inbox.receive() == "READY=1\nSTATUS=Listening on \(server.url)")
      for _ in 1...2 { #expect(inbox.receive() == "WATCHDOG=1\nSTATUS=Listening on \(server.url), 0 streams") }
    }
    var last = inbox.receive()
    while last?.hasPrefix("WATCHDOG=1") == true { last = inbox.receive() }
    #expect(last == "STOPPING=1\nSTATUS=Ending 0 streams")
  }

  @Test func servesTheSocketThatItIsPassed() async throws {
    let (listener, port) = try Loopback.listener()
    defer { close(listener) }
    // systemd sets LISTEN_PID between fork and exec, as the shell does here.
    let arguments = [
      "-c", #"LISTEN_PID=$$ exec "$0" "$@""#, "\(ChildProcess.productsDirectory)/tserver", "--shards", "2",
      // Neither counts.
      "--host", "192.0.2.1", "--port", "1",
    ]
    try await withProgram("/bin/sh", arguments, environment: ["LISTEN_FDS": "1"], third: listener) { server in
      let line = try await server.output.line(containing: "Listening")
      #expect(line == "Listening on http://127.0.0.1:\(port)/status")
      for _ in 1...8 {
        let status = try await tclient("status", "--url", "http://127.0.0.1:\(port)/status", "-q")
        #expect(status.output == ["pending"])
      }
      server.send(SIGTERM)
      #expect(try await server.exit() == .code(0))
    }
  }
}
