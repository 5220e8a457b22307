import Foundation
import Glibc
import TestSupport
import Testing

/// How a tool ended, and all that it printed.
struct Finished: Sendable, Equatable {
  let exit: ChildProcess.Exit
  let output: [String]
  let errors: [String]
}

extension ChildProcess {
  func finished(within limit: Duration = safetyLimit) async throws -> Finished {
    let exit = try await exit(within: limit)
    return Finished(exit: exit, output: try await output.toEnd(), errors: try await errors.toEnd())
  }
}

/// A tool that runs while `body` does, and is killed if it then still runs.
func withTool<Result>(
  _ product: String, _ arguments: [String], environment: [String: String] = [:], terminal: ChildTerminal? = nil,
  _ body: (ChildProcess) async throws -> Result
) async throws -> Result {
  try await withProgram(
    "\(ChildProcess.productsDirectory)/\(product)", arguments, environment: environment, terminal: terminal, body)
}

func withProgram<Result>(
  _ path: String, _ arguments: [String], environment: [String: String] = [:], terminal: ChildTerminal? = nil,
  third: Int32? = nil, _ body: (ChildProcess) async throws -> Result
) async throws -> Result {
  // By default the thread sanitizer makes each program sleep for a second before it ends, and the address sanitizer
  // takes for a leak what a program that calls exit has still in use.
  func options(_ name: String, _ option: String) -> String {
    (ProcessInfo.processInfo.environment[name].map { "\($0):" } ?? "") + option
  }
  let sanitizers = [
    "TSAN_OPTIONS": options("TSAN_OPTIONS", "atexit_sleep_ms=0"),
    "ASAN_OPTIONS": options("ASAN_OPTIONS", "detect_leaks=0"),
  ]
  let child = try ChildProcess(
    path, arguments, environment: sanitizers.merging(environment) { $1 }, terminal: terminal, third: third)
  defer { child.send(SIGKILL) }
  return try await body(child)
}

/// Runs `tclient` to its end.
func tclient(_ arguments: String..., environment: [String: String] = [:]) async throws -> Finished {
  try await withTool("tclient", arguments, environment: environment) { try await $0.finished() }
}

/// Runs `tserver`, which is expected to end by itself.
func tserver(_ arguments: String..., environment: [String: String] = [:]) async throws -> Finished {
  try await withTool("tserver", arguments, environment: environment) { try await $0.finished() }
}

/// A `tserver` that listens.
struct RunningServer: Sendable {
  let process: ChildProcess
  let url: String
  let port: UInt16
}

/// A `tserver` while `body` runs: on a free port unless the arguments say otherwise. Afterwards it has to end by SIGTERM
/// with exit code 0, unless `body` killed it.
func withServer<Result>(
  _ arguments: String..., environment: [String: String] = ["TSERVER_PORT": "0"],
  _ body: (RunningServer) async throws -> Result
) async throws -> Result {
  try await withTool("tserver", arguments, environment: environment) { process in
    let line = try await process.output.line(containing: "Listening")
    let parts = try #require(line.wholeMatch(of: /Listening on (http:\/\/[0-9.]+:(\d+)\/status)/)?.output)
    let server = RunningServer(process: process, url: String(parts.1), port: try #require(UInt16(parts.2)))
    let result = try await body(server)
    process.send(SIGTERM)
    let end = try await process.finished()
    #expect(end.exit == .code(0) || end.exit == .signal(SIGKILL))
    #expect(end.errors.filter { !$0.contains("only programs on this machine may publish") } == [])
    return result
  }
}

/// Runs `tclient` to its end against a peer that answers its first request with `answer`.
func tclient(
  _ arguments: String..., answer: (PeerConnection, RecordedRequest) async throws -> Void
) async throws -> Finished {
  let peer = try ScriptedPeer()
  defer { peer.closeAll() }
  return try await withTool("tclient", arguments, environment: ["TCLIENT_URL": peer.url("/status")]) { tool in
    let connection = try await peer.nextConnection()
    try await answer(connection, try await connection.request())
    return try await tool.finished()
  }
}

/// The one line of `errors`, checked to be the tool's.
func oneLine(_ errors: [String], of tool: String = "tclient") throws -> String {
  try #require(errors.count == 1, "\(errors)")
  #expect(errors[0].hasPrefix("\(tool): "))
  return errors[0]
}
