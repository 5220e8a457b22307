import TestSupport
import Testing

/// Words of a server reach the terminal as words: they do not talk to it, and make no line or column of their own.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ServerTextTests {
  /// A window's title, a colour by a C1 control, the direction of writing, a tab and a line end: as JSON, and what of it
  /// is to be read.
  private static let words = #"a\u001b]0;t\u0007\u009b31m\u202e\u2066\tb\r\nc\u007f"#
  private static let read = "a]0;t31mbc"

  private static let update = #""status":"error","timestamp":1.5,"message":"\#(words)","job":"\#(words)""#
  private static let translation =
    #"{"id":"\#(words)","source":"\#(words)","target":"\#(words)","title":"\#(words)","created":1.0,"#
    + #""status_url":"/x",\#(update)}"#

  /// All that the tool prints when the server's answer to its first request has that type and that body.
  private func printed(_ arguments: [String], _ type: String, _ body: String, status: Int = 200) async throws
    -> [String]
  {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let environment = ["TCLIENT_URL": peer.url("/status")]
    return try await withTool("tclient", arguments, environment: environment) { tool in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await connection.respond(
        status: status, headers: ["Content-Type": type, "Connection": "close"], body: body)
      let end = try await tool.finished()
      return end.output + end.errors
    }
  }

  private static let answers: [(arguments: [String], type: String, body: String, lines: [String])] = [
    (["status"], "application/json", "{\(update)}", ["tclient: \(read)"]),
    (
      ["monitor"], "text/event-stream", "data: {\(update)}\n\n",
      ["Monitoring Update: Status: error, Timestamp: 1.5, Message: \(read)", "Processing ended: \(read)"]
    ),
    (
      ["list"], "application/json", #"{"translations":[\#(translation)]}"#,
      [
        "\(read)\terror\t\t\(read)\t\(read)\t\(read)"
      ]
    ),
    (["list", "-q"], "application/json", #"{"translations":[\#(translation)]}"#, [read]),
    (["submit", "de", "en"], "application/json", translation, ["Translation: \(read)"]),
    (["submit", "de", "en", "-q"], "application/json", translation, [read]),
    (["publish", "a", "error"], "application/json", #"{"id":"\#(words)",\#(update)}"#, [read]),
    (
      ["publish", "a", "error"], "application/problem+json", #"{"status":409,"detail":"\#(words)"}"#,
      ["tclient: \(read)."]
    ),
  ]

  @Test(arguments: answers)
  func wordsArePrintedWithoutControlCharacters(
    _ answer: (arguments: [String], type: String, body: String, lines: [String])
  ) async throws {
    let status = answer.type.contains("problem") ? 409 : 200
    let lines = try await printed(answer.arguments, answer.type, answer.body, status: status)
    for line in answer.lines { #expect(lines.contains(line), "\(lines.debugDescription)") }
    #expect(Self.isClean(lines))
  }

  @Test(arguments: [([], "Monitoring Update: Job: \(read), Status: error"), (["-q"], "\(read) error")])
  func idsOfEventsArePrintedWithoutControlCharacters(options: [String], line: String) async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    try await withTool("tclient", ["top"] + options, environment: ["TCLIENT_SERVER": peer.url("")]) { top in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await connection.respondEventStream()
      try await connection.sendChunk("data: {\(Self.update)}\n\n")
      #expect(try await top.output.line { _ in true }.hasPrefix(line))
    }
  }

  @Test(arguments: [["status"], ["stream"]])
  func logHasNoControlCharacters(command: [String]) async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let url = command == ["stream"] ? [peer.url("/")] : ["--url", peer.url("/")]
    try await withTool("tclient", command + url + ["--log-level", "debug"]) { tool in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await connection.respond(
        headers: ["Content-Type": "text/event-stream; x=\u{1B}[2J\u{9B}31m\u{202E}z", "Connection": "close"],
        body: "data: {\(Self.update)}\n\n")
      let line = try await tool.errors.line(containing: "open: 200")
      #expect(line.contains("text/event-stream; x=[2J31mz from ") && Self.isClean([line]), "\(line.debugDescription)")
    }
  }

  /// But for the tabs between columns.
  private static func isClean(_ lines: [String]) -> Bool {
    lines.allSatisfy { line in
      line.unicodeScalars.allSatisfy {
        $0 == "\t" || !($0.properties.generalCategory == .control || "\u{202E}\u{2066}".unicodeScalars.contains($0))
      }
    }
  }
}
