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
  public var status: Int
  public var fields: HTTPFields
  public var body: Body

  public enum Body: Sendable {
    case bytes([UInt8])
    /// The stream of a channel of the same server, after the event of that id, or from the latest one.
    case events(EventChannel, lastEventID: String?, retry: Duration?)
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
  /// Its first bytes leave with the head: `retry`, if given, and the events that follow `lastEventID`. If the channel
  /// does not hold that id any more, or none is given, the latest event. The connection closes with the stream.
  ///
  /// - Parameters:
  ///   - retry: the time that a client waits before it reconnects.
  ///   - fields: put beside, or in place of, the ones that an event stream has here: its content type,
  ///     `Cache-Control: no-store`, and `X-Accel-Buffering: no`, without which nginx would hold events back.
  public static func events(
    _ channel: EventChannel, lastEventID: String? = nil, retry: Duration? = .seconds(2), fields: HTTPFields = [:]
  ) -> HTTPResponse {
    var response = HTTPResponse(fields: [
      "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
    ])
    for field in fields { response.fields[field.name] = field.value }
    response.body = .events(channel, lastEventID: lastEventID, retry: retry)
    return response
  }

  /// A refusal that the server itself makes (RFC 9457); the connection closes after it.
  static func refusal(_ status: Int, _ title: StaticString, _ detail: StaticString) -> HTTPResponse {
    HTTPResponse(
      status: status,
      fields: ["Content-Type": "application/problem+json", "Cache-Control": "no-store", "Connection": "close"],
      body: Array(#"{"title":"\#(title)","status":\#(status),"detail":"\#(detail)"}"#.utf8))
  }

  /// A refusal for the time being.
  static func unavailable(_ detail: StaticString) -> HTTPResponse {
    var response = refusal(503, "Service Unavailable", detail)
    response.fields["Retry-After"] = "5"
    return response
  }
}
