import TestSupport
import Testing

/// What `tclient cancel` comes to when some of several cannot be cancelled.
@Suite(.paced, .timeLimit(.minutes(3)))
struct CancelToolTests {
  /// In whatever order they come.
  @Test(arguments: [[401, 404], [404, 401]])
  func ofSeveralFailuresTheHighestExitCodeCounts(_ statuses: [Int]) async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    try await withTool("tclient", ["cancel", "a", "b", "--server", peer.url("")]) { tool in
      for status in statuses {
        let connection = try await peer.nextConnection()
        _ = try await connection.request()
        try await connection.respond(status: status, headers: ["Connection": "close"])
      }
      #expect(try await tool.finished().exit == .code(77))
    }
  }
}
