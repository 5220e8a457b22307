import Foundation
import Glibc
import TestSupport
import Testing

/// The two tools over TLS, as their users run them.
@Suite(.serialized, .paced, .timeLimit(.minutes(3)))
struct TLSToolTests {
  /// A server with copies of the certificate's files, which the body may replace: its process, its URL, their paths.
  private func withServer(
    _ certificate: Certificate, body: (ChildProcess, String, Files) async throws -> Void
  ) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let files = Files(certificate: "\(directory)/cert", key: "\(directory)/key")
    try files.put(certificate)
    let arguments = [
      "--port", "0", "--tls-cert", files.certificate, "--tls-key", files.key, "--delay", "3600", "--retry", "1",
    ]
    try await withTool("tserver", arguments) { process in
      let line = try await process.output.line(containing: "Listening")
      try await body(process, try #require(line.split(separator: " ").last.map(String.init)), files)
      process.send(SIGTERM)
      #expect(try await process.finished().exit == .code(0))
    }
  }

  struct Files {
    let certificate: String
    let key: String

    func put(_ other: Certificate) throws {
      try Data(other.bytes).write(to: URL(fileURLWithPath: certificate))
      try putKey(of: other)
    }

    func putKey(of other: Certificate) throws {
      try Data(other.key).write(to: URL(fileURLWithPath: key))
      chmod(key, 0o600)
    }
  }

  @Test func everyCommandTakesAnAuthority() async throws {
    try await withServer(.server) { _, url, _ in
      #expect(url.hasPrefix("https://127.0.0.1:"))
      func run(_ arguments: String...) async throws -> Finished {
        let all = arguments + ["--cacert", Certificate.authority.path]
        return try await withTool("tclient", all, environment: ["TCLIENT_URL": url]) { try await $0.finished() }
      }
      #expect(try await run("status", "--quiet").output == ["pending"])
      let id = try #require(try await run("submit", "de", "en", "--quiet").output.first)
      #expect(try await run("publish", id, "running").exit == .code(0))
      #expect(try await run("publish", id, "completed").exit == .code(0))
      #expect(try await run("monitor", id).exit == .code(0))
      #expect(try await run("stream", url.replacing("/status", with: "/translations/\(id)/status")).exit == .code(0))
    }
  }

  @Test(
    arguments: [
      (.expired, "has expired", false), (.early, "is not valid yet", false), (.elsewhere, "another name", false),
      (.alone, "nobody but itself", true), (.server, "not trusted here", true),
    ] as [(Certificate, String, Bool)])
  func untrustedCertificateIs69(certificate: Certificate, words: String, isHelped: Bool) async throws {
    try await withServer(certificate) { _, url, _ in
      let authority = isHelped ? [] : ["--cacert", Certificate.authority.path]
      for arguments in [["status", "--url", url], ["monitor", "--url", url], ["stream", url]] {
        let end = try await withTool("tclient", arguments + authority) { try await $0.finished() }
        #expect(end.exit == .code(69))
        let line = try oneLine(end.errors)
        #expect(line.contains("the certificate of 127.0.0.1") && line.contains(words), "\(line)")
        #expect(line.contains("--cacert") == isHelped)
      }
    }
  }

  @Test func hangUpTakesAnotherCertificate() async throws {
    try await withServer(.server) { process, url, files in
      func run(_ trusted: Certificate, _ arguments: String...) async throws -> Finished {
        let all = arguments + ["--quiet", "--cacert", trusted.path]
        return try await withTool("tclient", all, environment: ["TCLIENT_URL": url]) { try await $0.finished() }
      }
      let id = try #require(try await run(.authority, "submit", "de", "en").output.first)
      let job = url.replacing("/status", with: "/translations/\(id)/status")
      try await withTool("tclient", ["stream", job, "--cacert", Certificate.authority.path]) { old in
        _ = try await old.output.line(containing: "pending")
        // Half of a change: all stays.
        try files.putKey(of: .alone)
        process.send(SIGHUP)
        let line = try await process.errors.line(containing: "stays as it was")
        #expect(line.contains("--tls-key") && line.contains("not the certificate's"))
        #expect(try await run(.authority, "status").output == ["pending"])
        try files.put(.alone)
        process.send(SIGHUP)
        while try await run(.alone, "status").exit != .code(0) { try Task.checkCancellation() }
        #expect(try await run(.authority, "status").exit == .code(69))
        // The stream of before goes on; where it would connect anew, the new certificate is none of its authority's.
        #expect(try await run(.alone, "publish", id, "completed").exit == .code(0))
        let end = try await old.finished()
        #expect(end.output.count == 2 && end.output.last?.contains("completed") == true)
        #expect(end.exit == .code(69))
      }
    }
  }

  @Test func filesThatAreNoneAreNamed() async throws {
    let (server, alone) = (Certificate.server, Certificate.alone)
    for (arguments, reason) in [
      (["--tls-cert", server.path], "need each other"), (["--tls-key", server.keyPath], "need each other"),
      (["--tls-cert", "/nowhere", "--tls-key", server.keyPath], "cannot read /nowhere"),
      (["--tls-cert", server.path, "--tls-key", alone.keyPath], "not the certificate's"),
      (["--tls-cert", server.keyPath, "--tls-key", server.keyPath], "no PEM chain"),
    ] {
      let end = try await withTool("tserver", ["--port", "0"] + arguments) { try await $0.finished() }
      #expect(end.exit == .code(64))
      #expect(end.errors.first?.contains(reason) == true, "\(end.errors)")
    }
  }
}
