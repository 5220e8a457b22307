import TestSupport

@testable import EventStreamClient

/// A suite of which each test has a peer, for exchanges with it.
protocol Exchanging {
  var peer: ScriptedPeer { get }
}

extension Exchanging {
  /// The outcome of an exchange that runs while the test plays the server's part.
  func exchange(
    _ method: String = "GET", _ path: String = "/", body: String? = nil, key: String? = nil,
    policy: ReconnectionPolicy = .never, change: (inout EventSource) -> Void = { _ in }
  ) -> Task<Result<Answer, EventSourceError>, Never> {
    var source = EventSource.quick(peer.url(), policy)
    change(&source)
    var request = EventSource.Request(peer.url(path), method: method, body: body.map { Array($0.utf8) })
    if let key { request.set("Idempotency-Key", key) }
    return Task { [source, request] in
      do throws(EventSourceError) {
        return .success(try await source.exchange(request))
      } catch {
        return .failure(error)
      }
    }
  }

  func failure(_ outcome: Task<Result<Answer, EventSourceError>, Never>) async -> EventSourceError? {
    if case .failure(let error) = await outcome.value { error } else { nil }
  }

  func attempt() async throws -> PeerConnection {
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    return connection
  }
}
