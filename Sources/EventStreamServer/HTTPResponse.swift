/// What a handler answers: a status, header fields and bytes, or the events of a channel.
///
/// ```swift
/// HTTPResponse(status: 404, fields: ["Content-Type": "text/plain"], body: Array("no such page\n".utf8))
/// HTTPResponse.events(channel, lastEventID: request.fields["Last-Event-ID"])
/// ```
///
/// To a HEAD request the same response goes without its body. `Date`, `Content-Length` and `Transfer-Encoding` are the
/// server's to set; `Connection: close` may be given.
public struct HTTPResponse: Sendable {
  /// The status code, 200 to 599.
  public var status: Int
  /// The header fields besides those that the server sets.
  public var fields: HTTPFields
  /// The bytes or the stream.
  public var body: Body
  /// How long a stream may stay open; nil for no limit. Then it gets what there is and its proper end, and its client
  /// comes back after the usual reconnection time: for a permission that ends.
  public var streamLimit: Duration?
  /// For whom a stream is opened; nil for nobody in particular. `HTTPServer.endStreams(of:)` ends it.
  public var streamOwner: StreamOwner?

  /// What follows the head.
  public enum Body: Sendable {
    /// All of it at once, with a `Content-Length`.
    case bytes([UInt8])
    /// The stream of channels of the same server, after the event of that id, or from the latest one.
    case events(EventSelection, lastEventID: String?, retry: Duration?)
  }

  /// A status that is not a final one (200 to 599) traps.
  public init(status: Int = 200, fields: HTTPFields = [:], body: [UInt8] = []) {
    precondition(200...599 ~= status, "\(status) is not the status of a response")
    self.status = status
    self.fields = fields
    self.body = .bytes(body)
  }

  /// A stream that stays open until the channel is finished.
  ///
  /// Its first bytes leave with the head: `retry`, if given, and the events that follow `lastEventID`, or the latest
  /// event if no id is given, or an id to resume from if there is no event. If the id that is given is not held any
  /// more, the latest event comes under the type `reset`. If the channel is finished and its last event was seen, the
  /// answer is 204 in place of a stream. The connection closes with the stream.
  ///
  /// - Parameters:
  ///   - channel: one of the server that is asked.
  ///   - lastEventID: what the request's `Last-Event-ID` says.
  ///   - retry: the time that a client waits before it reconnects.
  ///   - fields: put beside, or in place of, the ones that an event stream has here: its content type,
  ///     `Cache-Control: no-store`, and `X-Accel-Buffering: no`, without which nginx would hold events back.
  public static func events(
    _ channel: EventChannel, lastEventID: String? = nil, retry: Duration? = .seconds(2), fields: HTTPFields = [:]
  ) -> HTTPResponse {
    events(EventSelection(hub: channel.hub, channels: [channel]), lastEventID, retry, fields)
  }

  /// A stream of several channels of one hub: the latest event of each, the oldest first, and what follows. It stays
  /// open until all of them are finished.
  ///
  /// If the id that is given is not held any more, there is first an event of the type `reset`, whose data tells how many
  /// latest events follow: `{"events":3}`; fewer, if a channel of them is removed before they are sent. Channels of
  /// different hubs trap.
  public static func events(
    _ channels: [EventChannel], of hub: EventHub, lastEventID: String? = nil, retry: Duration? = .seconds(2),
    fields: HTTPFields = [:]
  ) -> HTTPResponse {
    precondition(channels.allSatisfy { $0.hub === hub }, "channels of one stream have to be of one hub")
    return events(EventSelection(hub: hub, channels: channels), lastEventID, retry, fields)
  }

  /// The same of all channels, those too that are made later. It stays open.
  public static func events(
    _ hub: EventHub, lastEventID: String? = nil, retry: Duration? = .seconds(2), fields: HTTPFields = [:]
  ) -> HTTPResponse {
    events(EventSelection(hub: hub, channels: nil), lastEventID, retry, fields)
  }

  private static func events(
    _ selection: EventSelection, _ lastEventID: String?, _ retry: Duration?, _ fields: HTTPFields
  ) -> HTTPResponse {
    var response = HTTPResponse(fields: streamFields)
    for field in fields { response.fields[field.name] = nil }
    for field in fields { response.fields.append(field.name, field.value) }
    response.body = .events(selection, lastEventID: lastEventID, retry: retry)
    return response
  }

  private static let streamFields: HTTPFields = [
    "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
  ]

  /// "Clients will reconnect if the connection is closed; a client can be told to stop reconnecting using the HTTP 204
  /// No Content response code" (https://html.spec.whatwg.org/multipage/server-sent-events.html).
  static func noMoreEvents(instead response: HTTPResponse) -> HTTPResponse {
    var fields = response.fields
    fields["Content-Type"] = nil
    fields["X-Accel-Buffering"] = nil
    return HTTPResponse(status: 204, fields: fields)
  }

  /// A refusal that the server itself makes (RFC 9457); the connection closes after it.
  static func refusal(_ status: Int, _ title: StaticString, _ detail: StaticString) -> HTTPResponse {
    HTTPResponse(
      status: status,
      fields: ["Content-Type": "application/problem+json", "Cache-Control": "no-store", "Connection": "close"],
      body: Array(#"{"title":"\#(title)","status":\#(status),"detail":"\#(detail)"}"#.utf8))
  }

  /// A refusal for the time being.
  static let tooManyConnections: HTTPResponse = {
    var response = refusal(429, "Too Many Requests", "This address has as many connections as it may have: close some.")
    response.fields["Retry-After"] = "5"
    return response
  }()

  /// All of it, for a connection that libmicrohttpd does not know.
  var bytes: [UInt8] {
    guard case .bytes(let body) = body else { preconditionFailure("a stream has no end") }
    return ResponseHead.bytes(status, fields, "Content-Length: \(body.count)\r\n") + body
  }

  static func unavailable(_ detail: StaticString) -> HTTPResponse {
    var response = refusal(503, "Service Unavailable", detail)
    response.fields["Retry-After"] = "5"
    return response
  }
}

/// What one stream carries: some channels of a hub, or all of them.
public struct EventSelection: Sendable {
  let hub: EventHub
  /// Nil for all.
  let channels: [EventChannel]?

  func cursor(after lastEventID: String?, on shard: Shard) -> Cursor {
    precondition(hub.server === shard.server, "a channel's events can be streamed by the server that made it")
    return Cursor(hub.log, channels?.map(\.topic), after: lastEventID)
  }
}
