import TestSupport

/// A suite of which each test has a peer, for streams of it.
protocol Streaming {
  var peer: ScriptedPeer { get }
}

extension Streaming {
  /// An open stream, the next one.
  func stream() async throws -> (PeerConnection, RecordedRequest) {
    let connection = try await peer.nextConnection()
    let request = try await connection.request()
    try await connection.respondEventStream()
    return (connection, request)
  }
}
