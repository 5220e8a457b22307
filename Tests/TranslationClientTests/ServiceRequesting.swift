import EventStreamClient
import TestSupport
import TranslationClient

/// A suite of which each test has a peer, and a service that asks it.
protocol ServiceRequesting {
  var peer: ScriptedPeer { get }
}

extension ServiceRequesting {
  /// The next request, which has a connection of its own.
  func request() async throws -> (PeerConnection, RecordedRequest) {
    let connection = try await peer.nextConnection()
    return (connection, try await connection.request())
  }

  static var object: String {
    #"{"id":"j1","source":"de","target":"en","created":1,"status_url":"/translations/j1/status","status":"pending","#
      + #""timestamp":1.5}"#
  }

  static func problem(_ status: Int, _ detail: String, _ more: String = "") -> String {
    #"{"type":"about:blank","title":"T","status":\#(status),"detail":"\#(detail)"\#(more)}"#
  }

  var closing: KeyValuePairs<String, String> { ["Connection": "close", "Content-Type": "application/json"] }

  func failure<Value>(_ operation: () async throws -> Value) async -> TranslationError? {
    do {
      _ = try await operation()
      return nil
    } catch {
      return error as? TranslationError
    }
  }
}

extension TranslationService {
  /// Tries again at once, four times in all; monitors reconnect at once.
  static func quick(_ url: String) -> TranslationService {
    var source = EventSource(url, reconnection: .resilient)
    source.reconnection.reconnectionTime = .zero
    source.reconnection.longestBackoff = .zero
    source.reconnection.jitter = 0
    var requests = source.reconnection
    requests.maxAttempts = 4
    return TranslationService(source, requests: requests)
  }
}
