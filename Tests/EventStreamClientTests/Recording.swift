import EventStream
@testable import EventStreamClient
import TestSupport

/// An open event source and all that it has said.
struct Recording: Sendable {
  let events = Recorder<ServerSentEvent>()
  let comments = Recorder<String>()
  let states = Recorder<EventSource.State>()
  let ends = Recorder<Result<EventSource.End, EventSourceError>>()
  let subscription: EventSource.Subscription

  init(_ source: EventSource) {
    subscription = source.open(
      onState: { [states] in states.append($0) },
      onComment: { [comments] in comments.append($0) },
      onEvent: { [events] event, _ in events.append(ServerSentEvent(event)) },
      onEnd: { [ends] in ends.append($0) })
  }

  /// The first end; the suites see elsewhere that there is no second.
  func end() async throws -> Result<EventSource.End, EventSourceError> {
    try await ends.wait(count: 1)[0]
  }

  func failure() async throws -> EventSourceError? {
    if case .failure(let error) = try await end() { error } else { nil }
  }

  /// The delay before the next attempt and its reason, once it is known.
  func waiting(_ number: Int = 1) async throws -> (Duration, EventSourceError) {
    let waits = { @Sendable (states: [EventSource.State]) in
      states.compactMap { if case .waiting(let delay, let error) = $0 { (delay, error) } else { nil } }
    }
    return waits(try await states.wait { waits($0).count >= number })[number - 1]
  }
}

extension EventSource {
  /// Reconnects at once, without jitter.
  static func quick(_ url: String, _ policy: ReconnectionPolicy = .standard) -> EventSource {
    var source = EventSource(url, reconnection: policy)
    source.reconnection.reconnectionTime = .zero
    source.reconnection.jitter = 0
    return source
  }
}

extension Response {
  init(status: Int, contentType: String, url: String, body: String) {
    self.init(status: status, contentType: contentType, url: url)
    self.body = body
  }
}
