import Glibc
import TestSupport
import Testing

/// `tclient stream`, line by line, against a scripted peer.
@Suite(.serialized, .paced, .timeLimit(.minutes(3)))
struct StreamToolTests {
  let peer: ScriptedPeer

  init() throws { peer = try ScriptedPeer() }

  /// `tclient stream` while `body` plays the peer.
  private func withStream<Result>(
    _ arguments: String..., body: (ChildProcess) async throws -> Result
  ) async throws -> Result {
    defer { peer.closeAll() }
    return try await withTool("tclient", ["stream", peer.url("/s?a=b")] + arguments, body)
  }

  private func open() async throws -> PeerConnection {
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    try await connection.respondEventStream()
    return connection
  }

  @Test func eachEventIsALineOfJSONAtOnce() async throws {
    try await withStream { tool in
      let connection = try await open()
      try await connection.sendChunk("data: a \"b\"\\\ndata: c\u{1}é\n\n")
      #expect(
        try await tool.output.line { _ in true } == #"{"type":"message","data":"a \"b\"\\\nc\u0001é","id":""}"#)
      try await connection.sendChunk(": not asked for\nevent: x\nid: 7\ndata:\n\n")
      #expect(try await tool.output.line { _ in true } == #"{"type":"x","data":"","id":"7"}"#)
      try await connection.sendChunk("data: never finished\n")
      try await connection.endChunks()
      #expect(try await connection.request()["Last-Event-ID"] == "7")
    }
  }

  @Test func reconnectsWithTheLastEventIDUntilThereIsNoContent() async throws {
    try await withStream("--retry-delay", "0", "--last-event-id", "é1") { tool in
      let connection = try await peer.nextConnection()
      #expect(try await connection.request()["Last-Event-ID"] == "é1")
      try await connection.respondEventStream()
      for number in 2...4 {
        try await connection.sendChunk("id: \(number)\ndata: x\n\n")
        try await connection.endChunks()
        #expect(try await connection.request()["Last-Event-ID"] == "\(number)")
        if number < 4 { try await connection.respondEventStream() }
      }
      try await connection.sendHead(status: 204)
      let end = try await tool.finished()
      #expect(end.exit == .code(0))
      #expect(end.errors == [])
      #expect(end.output == (2...4).map { #"{"type":"message","data":"x","id":"\#($0)"}"# })
    }
  }

  @Test func commentsAreLinesOfTheirOwnIfAskedFor() async throws {
    try await withStream("--comments") { tool in
      try await open().sendChunk(": one\n:\ndata: x\n\n:two\n")
      _ = try await tool.output.line(containing: "two")
      #expect(
        tool.output.all == [
          #"{"comment":" one"}"#, #"{"comment":""}"#, #"{"type":"message","data":"x","id":""}"#, #"{"comment":"two"}"#,
        ])
    }
  }

  @Test func givesUpWith69AndOneLine() async throws {
    peer.close()
    let end = try await withStream("--max-attempts", "2", "--retry-delay", "0") { try await $0.finished() }
    #expect(end.exit == .code(69))
    #expect(end.output == [])
    #expect(try oneLine(end.errors).contains("gave up after 2 attempts: cannot connect to "))
  }

  @Test func standardPolicyEndsAtAnErrorAndResilientDoesNot() async throws {
    try await withStream { tool in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await connection.respond(status: 503)
      let end = try await tool.finished()
      #expect(end.exit == .code(69))
      #expect(try oneLine(end.errors).contains("the server answered 503"))
    }
  }

  @Test func resilientPolicyGoesOnAfterAnError() async throws {
    try await withStream("--policy", "resilient", "--retry-delay", "0") { tool in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await connection.respond(status: 503)
      _ = try await connection.request()
      try await connection.sendHead(status: 204)
      #expect(try await tool.finished().exit == .code(0))
    }
  }

  @Test func eventBeyondTheLimitIs69AndOneLine() async throws {
    try await withStream("--max-event-bytes", "100") { tool in
      let connection = try await open()
      try await connection.sendChunk("data: \(String(repeating: "x", count: 50))\n\n")
      try await connection.sendChunk("data: \(String(repeating: "x", count: 200))\n\n")
      let end = try await tool.finished()
      #expect(end.exit == .code(69))
      #expect(end.output.count == 1)
      #expect(try oneLine(end.errors).contains("larger than the limit of 100 bytes"))
    }
  }

  @Test func silenceBeyondTheLimitReconnects() async throws {
    try await withStream("--idle-timeout", "0.2", "--retry-delay", "0", "--log-level", "debug") { tool in
      let silent = try await open()
      try await silent.sendChunk("id: 1\ndata: x\n\n")
      try await silent.closedByClient()
      let next = try await peer.nextConnection()
      #expect(try await next.request()["Last-Event-ID"] == "1")
      _ = try await tool.errors.line(containing: "the stream went silent for longer than allowed")
    }
  }

  @Test func methodBodyAndHeadersAreSentAtEachAttempt() async throws {
    let arguments = ("--method", "PUT", "--data", "{\"é\":1}", "--header", "X-A: 1", "-H", "X-B: two words")
    try await withStream(
      arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5, arguments.6, arguments.7,
      "--retry-delay", "0"
    ) { tool in
      let connection = try await peer.nextConnection()
      for isLast in [false, true] {
        let request = try await connection.request()
        #expect(request.method == "PUT")
        #expect(request.target == "/s?a=b")
        #expect(request.bodyText == "{\"é\":1}")
        #expect(request["X-A"] == "1")
        #expect(request["X-B"] == "two words")
        if isLast {
          try await connection.sendHead(status: 204)
        } else {
          try await connection.respondEventStream()
          try await connection.sendChunk("data: x\n\n")
          try await connection.endChunks()
        }
      }
      #expect(try await tool.finished().exit == .code(0))
    }
  }

  @Test func dataAloneMakesAPost() async throws {
    try await withStream("-d", "x") { tool in
      let connection = try await peer.nextConnection()
      #expect(try await connection.request().method == "POST")
      try await connection.sendHead(status: 204)
      #expect(try await tool.finished().exit == .code(0))
    }
  }

  @Test func readerThatGoesAwayEndsIt() async throws {
    defer { peer.closeAll() }
    let script = #""$0" stream "$1" | head -n 1; echo "${PIPESTATUS[@]}""#
    let arguments = ["-c", script, "\(ChildProcess.productsDirectory)/tclient", peer.url()]
    try await withProgram("/bin/bash", arguments) { shell in
      let connection = try await open()
      try await connection.sendChunk("data: 1\n\n")
      _ = try await shell.output.line(containing: #""data":"1""#)
      // `head` may need a moment to go: the tool ends at the first line that nobody can read any more.
      var number = 2
      while !connection.isClosedByClient, number < 10_000 {
        try? await connection.sendChunk("data: \(number)\n\n")
        number += 1
      }
      let end = try await shell.finished()
      #expect(end.output.last == "141 0")
      #expect(end.errors == [])
    }
  }
}
