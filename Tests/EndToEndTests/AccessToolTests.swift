import Foundation
import Glibc
import TestSupport
import Testing

/// The two tools with tokens, as their users run them.
@Suite(.serialized, .paced, .timeLimit(.minutes(3)))
struct AccessToolTests {
  /// A directory with a file of each name, which only this user can read.
  private func withFiles<Result>(
    _ files: [String: String], _ body: (String) async throws -> Result
  ) async throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appending(path: "access-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    for (name, text) in files { try write(text, to: "\(directory)/\(name)") }
    return try await body(directory)
  }

  private func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    chmod(path, 0o600)
  }

  @Test func aTokenFileIsAllThatEitherNeeds() async throws {
    try await withFiles(["read": "# readers\nr-1\nr-2\n", "publish": "p-1\n", "both": "p-1", "wrong": "x\n"]) {
      directory in
      let arguments = [
        "--port", "0", "--subscribe-token-file", "\(directory)/read", "--publish-token-file", "\(directory)/publish",
      ]
      try await withTool("tserver", arguments) { process in
        let line = try await process.output.line(containing: "Listening")
        let url = try #require(line.split(separator: " ").last.map(String.init))
        let server = url.replacing("/status", with: "")
        let environment = ["TCLIENT_URL": url]
        func run(_ token: String, _ arguments: String...) async throws -> Finished {
          let all = arguments + ["--token-file", "\(directory)/\(token)"]
          return try await withTool("tclient", all, environment: environment) { try await $0.finished() }
        }
        let submitted = try await run("publish", "submit", "de", "en", "--quiet")
        #expect(submitted.exit == .code(0))
        let id = try #require(submitted.output.first)
        #expect(try await run("publish", "publish", id, "running").exit == .code(0))
        #expect(try await run("read", "status", "--quiet").output == ["pending"])
        #expect(try await run("read", "list", "--quiet").output.contains(id))
        let refused = try await run("read", "publish", id, "completed")
        #expect(refused.exit == .code(77))
        #expect(try oneLine(refused.errors).contains("--token-file"))
        #expect(try await run("wrong", "monitor").exit == .code(77))
        #expect(try await run("publish", "stream", url).exit == .code(77))
        let bare = try await withTool("tclient", ["status"], environment: environment) { try await $0.finished() }
        #expect(bare.exit == .code(77))
        let byVariable = try await tclient(
          "status", "--quiet", environment: ["TCLIENT_URL": url, "TCLIENT_TOKEN": "r-2"])
        #expect(byVariable.output == ["pending"])
        #expect(try await run("publish", "publish", id, "completed").exit == .code(0))
        #expect(try await run("read", "monitor", id, "--server", server).exit == .code(0))
        process.send(SIGTERM)
        let end = try await process.finished()
        #expect(end.exit == .code(0) && end.errors == [])
        #expect(!end.output.joined().contains("p-1"))
      }
    }
  }

  @Test func hangUpReadsTheFilesAgain() async throws {
    try await withFiles(["read": "old\n"]) { directory in
      let arguments = ["--port", "0", "--subscribe-token-file", "\(directory)/read"]
      try await withTool("tserver", arguments) { process in
        let line = try await process.output.line(containing: "Listening")
        let url = try #require(line.split(separator: " ").last.map(String.init))
        let path = url.replacing("/status", with: "/translations?access_token=")
        func status(_ token: String) async throws -> Int {
          let port = try #require(URL(string: path)?.port)
          let client = try await RawClient(port: UInt16(port))
          try await client.send("GET /translations?access_token=\(token) HTTP/1.1\r\nHost: a\r\n\r\n")
          return try await client.response().status
        }
        #expect(try await status("old") == 200)
        // The log tells of the request, and not with what it came.
        #expect(try await process.output.line(containing: "GET").contains("?access_token=*** HTTP/1.1\" 200"))
        try write("", to: "\(directory)/read")
        process.send(SIGHUP)
        #expect(try await process.errors.line(containing: "tokens stay").contains("there is no token in it"))
        #expect(try await status("old") == 200)
        try await withTool("tclient", ["monitor"], environment: ["TCLIENT_URL": url, "TCLIENT_TOKEN": "old"]) {
          watcher in
          _ = try await watcher.output.line(containing: "pending")
          try write("new\n", to: "\(directory)/read")
          process.send(SIGHUP)
          // Its stream has ended, and there is no other for it.
          #expect(try await watcher.finished().exit == .code(77))
        }
        #expect(try await status("new") == 200)
        #expect(try await status("old") == 401)
        process.send(SIGTERM)
        #expect(try await process.finished().exit == .code(0))
      }
    }
  }

  @Test func monitorBringsTheTokenOfTheMoment() async throws {
    try await withFiles(["token": "first\n"]) { directory in
      let peer = try ScriptedPeer()
      defer { peer.closeAll() }
      let arguments = ["monitor", "--token-file", "\(directory)/token", "--url", peer.url("/status")]
      try await withTool("tclient", arguments) { tool in
        let first = try await peer.nextConnection()
        #expect(try await first.request()["Authorization"] == "Bearer first")
        try write("second\n", to: "\(directory)/token")
        try await first.respondEventStream()
        try await first.sendChunk("retry: 1\n\n")
        first.reset()
        let second = try await peer.nextConnection()
        #expect(try await second.request()["Authorization"] == "Bearer second")
        try await second.respond(status: 401)
        #expect(try await tool.finished().exit == .code(77))
      }
    }
  }

  @Test func filesThatAreNoneAreNamed() async throws {
    try await withFiles(["empty": "# nothing\n", "keys": "{}", "open": "t\n"]) { directory in
      for (option, file, reason) in [
        ("--publish-token-file", "empty", "there is no token in it"),
        ("--subscribe-token-file", "missing", "cannot read"),
        ("--jwks-file", "keys", "array of keys"),
      ] {
        let end = try await tserver("--port", "0", option, "\(directory)/\(file)")
        #expect(end.exit == .code(64))
        let first = try #require(end.errors.first)
        #expect(first.contains(option) && first.contains(file) && first.contains(reason), "\(first)")
      }
      for arguments in [
        ["--allow-origin", "example.org"], ["--allow-origin", "https://example.org/"], ["--publish-rate", "-1"],
        ["--max-body", "0"], ["--jwt-issuer", "me"],
      ] {
        let end = try await withTool("tserver", arguments) { try await $0.finished() }
        #expect(end.exit == .code(64), "\(arguments)")
      }
      for command in [["status"], ["stream", "http://127.0.0.1:1/"], ["load", "http://127.0.0.1:1/"]] {
        let missing = try await withTool("tclient", command + ["--token-file", "\(directory)/missing"]) {
          try await $0.finished()
        }
        #expect(missing.exit == .code(64))
        #expect(missing.errors.first?.contains("cannot read \(directory)/missing: No such file") == true)
      }
      chmod("\(directory)/open", 0o644)
      try await withTool("tserver", ["--port", "0", "--admin-token-file", "\(directory)/open"]) { process in
        #expect(try await process.errors.line(containing: "chmod").contains("every user of this machine can read"))
        _ = try await process.output.line(containing: "Listening")
        process.send(SIGTERM)
        #expect(try await process.finished().exit == .code(0))
      }
    }
  }

  @Test(arguments: ["0.0.0.0", "127.0.0.1"])
  func openServerSaysWhoMayPublish(host: String) async throws {
    try await withTool("tserver", ["--port", "0", "--host", host]) { process in
      let line = try await process.errors.line(containing: "publish")
      #expect(line.contains("only programs on this machine may publish") && line.contains("--publish-token-file"))
      _ = try await process.output.line(containing: "Listening")
      process.send(SIGTERM)
      #expect(try await process.finished().exit == .code(0))
    }
  }
}
