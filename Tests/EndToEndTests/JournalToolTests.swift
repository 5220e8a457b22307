import Foundation
import Glibc
import TestSupport
import Testing

/// `tserver --journal` where there is no room for it.
@Suite(.paced, .timeLimit(.minutes(3)))
struct JournalToolTests {
  /// A server that is told of a file that may not grow, instead of dying of it.
  ///
  /// - Parameter blocks: how large, in blocks of 512 bytes; nil for no limit.
  private func withLastingServer(
    _ journal: String, blocks: Int? = nil, _ body: (ChildProcess, String) async throws -> Void
  ) async throws {
    let arguments = [
      "-c", #"trap '' XFSZ; ulimit -S -f \#(blocks.map(String.init) ?? "unlimited"); exec "$0" "$@""#,
      "\(ChildProcess.productsDirectory)/tserver",
      "--journal", journal, "--port", "0", "--no-access-log",
    ]
    try await withProgram("/bin/sh", arguments) { server in
      let line = try await server.output.line(containing: "Listening")
      try await body(server, String(line.dropFirst("Listening on ".count).dropLast("/status".count)))
    }
  }

  /// How large its files may be: a limit is as a disk that is full.
  private func limit(_ server: ChildProcess, to bytes: Int) async throws {
    let prlimit = try ChildProcess("/usr/bin/prlimit", ["--pid", "\(server.processID)", "--fsize=\(bytes):"])
    #expect(try await prlimit.exit() == .code(0))
  }

  private func submit(_ url: String) async throws -> String {
    let end = try await tclient(
      "submit", "de", "en", "-q", "--server", url, "--title", String(repeating: "t", count: 190))
    #expect(end.exit == .code(0))
    return try #require(end.output.first)
  }

  private func readiness(_ url: String) async throws -> Int {
    let client = try await RawClient(port: try #require(UInt16(url.split(separator: ":").last ?? "")))
    defer { client.close() }
    try await client.send("GET /healthz/ready HTTP/1.1\r\nHost: a\r\n\r\n")
    return try await client.response().status
  }

  private func expectTrouble(of server: ChildProcess, at url: String, with path: String) async throws {
    let notice = try await server.errors.line(containing: "cannot be written")
    #expect(notice.hasPrefix("tserver: the journal \(path) cannot be written (File too large): "))
    #expect(try await readiness(url) == 503)
  }

  /// There is room again: the server makes up for what was lost, and is killed.
  private func makeRoom(_ server: ChildProcess, at url: String, _ ids: inout [String]) async throws {
    try await limit(server, to: 1_000_000)
    ids.append(try await submit(url))
    _ = try await server.errors.line(containing: "tserver: the journal is whole again.")
    #expect(try await readiness(url) == 200)
    ids.append(try await submit(url))
    server.send(SIGKILL)
    _ = try await server.exit()
  }

  /// The next server that has the journal knows all of them.
  private func expect(_ ids: [String], in journal: String) async throws {
    try await withServer("--journal", journal) { server in
      let list = try await tclient("list", "-q", "--limit", "0", "--url", server.url)
      #expect(Set(list.output).isSuperset(of: ids))
    }
  }

  @Test func whatCouldNotBeWrittenIsMadeUpFor() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID().uuidString)").path
    defer { unlink(path) }
    var ids: [String] = []
    try await withLastingServer(path) { server, url in
      #expect(try await readiness(url) == 200)
      try await limit(server, to: 8192)
      for _ in 1...25 { ids.append(try await submit(url)) }
      try await expectTrouble(of: server, at: url, with: path)
      try await makeRoom(server, at: url, &ids)
    }
    try await expect(ids, in: path)
  }

  /// It has no room for the file that it makes first, and the old one tells all.
  @Test(.disabled(if: ThreadSanitizer.isPresent, "it makes files for itself, and dies where they may not be large"))
  func serverStartsOnAFullDisk() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID().uuidString)").path
    defer { unlink(path) }
    var ids: [String] = []
    try await withServer("--journal", path) { server in
      for _ in 1...10 { ids.append(try await submit(server.url.replacing("/status", with: ""))) }
    }
    try await withLastingServer(path, blocks: 4) { server, url in
      try await expectTrouble(of: server, at: url, with: path)
      let list = try await tclient("list", "-q", "--limit", "0", "--server", url)
      #expect(Set(list.output).isSuperset(of: ids))
      try await makeRoom(server, at: url, &ids)
    }
    try await expect(ids, in: path)
  }
}

/// Whether the tests, and the tools with them, are built with it.
private enum ThreadSanitizer {
  static let isPresent = dlsym(nil, "__tsan_init") != nil
}
