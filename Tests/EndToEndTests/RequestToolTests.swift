import Foundation
import TestSupport
import Testing

/// What the commands that ask and report send, and what they make of odd answers, against a scripted peer.
@Suite(.paced, .timeLimit(.minutes(3)))
struct RequestToolTests {
  private static func translation(_ id: String) -> String {
    "{\"id\":\"\(id)\",\"source\":\"de\",\"target\":\"en\",\"created\":1.0,\"status_url\":\"/x\","
      + "\"status\":\"pending\",\"timestamp\":1.5}"
  }

  private static let json: KeyValuePairs = ["Content-Type": "application/json", "Connection": "close"]

  /// Ids of a server may look like options.
  @Test func submittedTranslationIsWaitedForWhateverItsID() async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let arguments = ["submit", "de", "en", "--simulate", "0.5", "--fail", "x", "--steps", "3", "--wait", "--json"]
    try await withTool("tclient", arguments, environment: ["TCLIENT_URL": peer.url("/status")]) { tool in
      var connection = try await peer.nextConnection()
      let request = try await connection.request()
      #expect(
        request.bodyText == #"{"source":"de","target":"en","simulate":{"seconds":0.5,"fail":"x","steps":3}}"#)
      try await connection.respond(status: 201, headers: Self.json, body: Self.translation("--json"))
      connection = try await peer.nextConnection()
      #expect(try await connection.request().target == "/translations/events?id=--json")
      try await connection.respondEventStream()
      try await connection.sendChunk("data: {\"status\":\"error\",\"timestamp\":2,\"job\":\"--json\"}\n\n")
      let end = try await tool.finished()
      #expect(end.exit == .code(1))
      #expect(end.output.first == Self.translation("--json"))
      #expect(end.output.count == 2)
    }
  }

  @Test func linesOfABatchAreSentAsTheyAre() async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let lines = [
      #"{"job":"a","status":"running","progress":0.5,"if_match":"e-1"}"#, #"{"job":"b","status":"completed"}"#,
    ]
    let command = "printf '%s\\n' '\(lines[0])' '\(lines[1])' | \"$0\" publish --batch --server \"$1\""
    let tool = "\(ChildProcess.productsDirectory)/tclient"
    try await withProgram("/bin/sh", ["-c", command, tool, peer.url("")]) { tool in
      let connection = try await peer.nextConnection()
      let request = try await connection.request()
      #expect(request.bodyText == lines.map { $0 + "\n" }.joined())
      try await connection.respond(
        headers: ["Content-Type": "application/x-ndjson"],
        body: #"""
          {"line":1,"code":412,"job":"a","problem":{"status":412,"detail":"It is another."}}
          {"line":2,"code":200,"job":"b","id":"e-7"}

          """#)
      let end = try await tool.finished()
      #expect(end.exit == .code(1))
      #expect(end.output == ["b\te-7"])
      #expect(end.errors == ["tclient: line 1: a: It is another.", "tclient: not all reports were taken."])
    }
  }

  /// What has come is sent at once and together; half of a line holds up none before it.
  @Test func linesThatHaveComeAreOneRequest() async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let pipe = Pipe()
    let line = { (number: Int) in #"{"job":"j\#(number)","status":"running"}"# + "\n" }
    let command = #"exec "$0" publish --batch -q --server "$1" <&3"#
    let arguments = ["-c", command, "\(ChildProcess.productsDirectory)/tclient", peer.url("")]
    let third = pipe.fileHandleForReading.fileDescriptor
    let all = (1...50).map(line).joined()
    pipe.fileHandleForWriting.write(Data((all + line(51).prefix(9)).utf8))
    try await withProgram("/bin/sh", arguments, third: third) { tool in
      let connection = try await peer.nextConnection()
      #expect(try await connection.request().bodyText == all)
      try await connection.respond(headers: Self.lines, body: Self.taken(50))
      pipe.fileHandleForWriting.write(Data((line(51).dropFirst(9) + line(52).dropLast()).utf8))
      #expect(try await connection.request().bodyText == line(51))
      try await connection.respond(headers: Self.lines, body: Self.taken(1))
      try pipe.fileHandleForWriting.close()
      #expect(try await connection.request().bodyText == line(52))
      try await connection.respond(headers: Self.lines, body: Self.taken(1))
      #expect(try await tool.finished() == Finished(exit: .code(0), output: [], errors: []))
    }
  }

  private static let lines: KeyValuePairs = ["Content-Type": "application/x-ndjson"]

  private static func taken(_ count: Int) -> String {
    (1...count).map { "{\"line\":\($0),\"code\":200,\"job\":\"j\",\"id\":\"e-1\"}\n" }.joined()
  }

  @Test func linesOfABatchThatAreNoneAreToldInTheirOrder() async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let command =
      #"printf '{"job":"a","status":"running"}\nno\n\n{"status":"running"}\n' | "$0" publish --batch --json --server "$1""#
    let tool = "\(ChildProcess.productsDirectory)/tclient"
    try await withProgram("/bin/sh", ["-c", command, tool, peer.url("")]) { tool in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await connection.respond(
        headers: ["Content-Type": "application/x-ndjson"],
        body: "{\"line\":1,\"code\":404,\"job\":\"a\",\"problem\":{\"status\":404,\"detail\":\"There is none.\"}}\n")
      let end = try await tool.finished()
      #expect(end.exit == .code(1))
      #expect(
        end.errors.map { $0.prefix(16) } == [
          "tclient: line 1:", "tclient: line 2:", "tclient: line 4:", "tclient: not all",
        ])
      #expect(end.output.map { $0.prefix(9) } == ["{\"line\":1", "{\"line\":2", "{\"line\":4"])
    }
  }

  /// Refused for what it asks, and not for where: there is nothing wrong with the URL.
  @Test(
    arguments: [["submit", "de", "xx_yy!"], ["cancel", "nosuch"], ["publish", "nosuch", "running"]], [404, 422])
  func refusedChangeIs1(arguments: [String], status: Int) async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    try await withTool("tclient", arguments + ["--server", peer.url("")]) { tool in
      let connection = try await peer.nextConnection()
      _ = try await connection.request()
      try await connection.respond(
        status: status, headers: ["Content-Type": "application/problem+json"],
        body: "{\"status\":\(status),\"detail\":\"It cannot be.\"}")
      let end = try await tool.finished()
      #expect(end.exit == .code(1))
      let line = try oneLine(end.errors)
      #expect(line.contains("the server answered \(status): It cannot be. ") == (status == 404))
      #expect(line.contains("tclient list") == (status == 404))
      #expect(!line.contains("--url"))
    }
  }

  /// The status of which server is said by whatever says most about it.
  @Test(
    arguments: [["status"], ["monitor"]], [["--server"], ["TCLIENT_SERVER"], ["--url"], ["--server", "TCLIENT_URL"]])
  func statusIsThatOfTheServerThatIsNamed(command: [String], how: [String]) async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    var (arguments, environment) = (command, ["TCLIENT_URL": "", "TCLIENT_SERVER": "http://127.0.0.73:8000"])
    switch how[0] {
    case "--server": arguments += ["--server", peer.url("/")]
    case "--url": arguments += ["--url", peer.url("/status")]
    default: environment["TCLIENT_SERVER"] = peer.url("")
    }
    if how.last == "TCLIENT_URL" { environment["TCLIENT_URL"] = "http://127.0.0.73:8000/status" }
    try await withTool("tclient", arguments, environment: environment) { tool in
      let connection = try await peer.nextConnection()
      #expect(try await connection.request().target == "/status")
      try await connection.respondEventStream()
      try await connection.sendChunk("data: {\"status\":\"completed\",\"timestamp\":1.5}\n\n")
      #expect(try await tool.finished().exit == .code(0))
    }
  }

  @Test func listGoesOnToItsLimit() async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    try await withTool("tclient", ["list", "-q", "--limit", "3", "--server", peer.url("")]) { tool in
      for (cursor, ids) in [("", ["a", "b"]), ("&cursor=n", ["c", "d"])] {
        let connection = try await peer.nextConnection()
        #expect(try await connection.request().target == "/translations?limit=3" + cursor)
        let list = ids.map(Self.translation).joined(separator: ",")
        try await connection.respond(headers: Self.json, body: "{\"translations\":[\(list)],\"next\":\"n\"}")
      }
      #expect(try await tool.finished() == Finished(exit: .code(0), output: ["a", "b", "c"], errors: []))
    }
  }

  @Test func everyTranslationIsCancelledWhateverBecomesOfTheOthers() async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    try await withTool("tclient", ["cancel", "a", "b", "--server", peer.url("")]) { tool in
      var connection = try await peer.nextConnection()
      #expect(try await connection.request().method == "DELETE")
      try await connection.respond(
        status: 409, headers: ["Content-Type": "application/problem+json", "Connection": "close"],
        body: #"{"status":409,"detail":"It has completed."}"#)
      connection = try await peer.nextConnection()
      #expect(try await connection.request().target == "/translations/b")
      try await connection.respond(headers: Self.json, body: Self.translation("b"))
      let end = try await tool.finished()
      #expect(end == Finished(exit: .code(1), output: ["Cancelled: b"], errors: ["tclient: a: It has completed."]))
    }
  }

  @Test(arguments: [["submit", "de", "en"], ["list"], ["cancel", "a"], ["publish", "a", "running"]])
  func serverThatIsAwayIs69(arguments: [String]) async throws {
    let peer = try ScriptedPeer()
    peer.close()
    let end = try await withTool("tclient", arguments + ["--server", peer.url("")]) { try await $0.finished() }
    #expect(end.exit == .code(69))
    #expect(end.output == [])
    #expect(try oneLine(end.errors).contains("Connection refused"))
  }
}
