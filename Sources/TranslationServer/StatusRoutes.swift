internal import EventStreamServer
internal import TranslationAPI

/// Which response a request gets.
///
/// Lives on the server's queue, like the publisher that it asks.
struct StatusRoutes {
  let publisher: StatusPublisher
  /// What clients are told to wait before they reconnect.
  let retry: Duration

  /// The forms of a status, the one first that a client gets who takes anything.
  private enum Form: String, CaseIterable {
    case events = "text/event-stream"
    case json = "application/json"
    case page = "text/html"
  }

  func response(to request: HTTPRequest) -> HTTPResponse {
    guard request.path == APIPath.status || request.path == "/" else {
      return problem(404, "There is nothing at \(request.path). The status is at \(APIPath.status).")
    }
    guard ["GET", "HEAD"].contains(request.method) else {
      return problem(405, "A status can be read with GET and HEAD only.", ["Allow": "GET, HEAD"])
    }
    if request.path == "/" { return HTTPResponse(status: 307, fields: ["Location": APIPath.status]) }
    switch Accept(request.fields.values(of: "Accept")).preferred(of: Form.allCases) {
    case .events: return events(after: request.fields["Last-Event-ID"])
    case .json:
      return HTTPResponse(
        fields: ["Content-Type": Form.json.rawValue, "Cache-Control": "no-store", "Vary": "Accept"],
        body: Array(publisher.latest.json.utf8))
    case .page: return StatusPage.response()
    case nil:
      let forms = Form.allCases.map(\.rawValue).joined(separator: ", ")
      return problem(406, "A status can be had as one of \(forms): ask for it in Accept.", ["Vary": "Accept"])
    }
  }

  private func events(after lastEventID: String?) -> HTTPResponse {
    publisher.start()
    let channel = publisher.channel
    if channel.isFinished, let lastEventID, lastEventID == channel.latestID {
      // "Clients will reconnect if the connection is closed; a client can be told to stop reconnecting using the HTTP
      // 204 No Content response code" (https://html.spec.whatwg.org/multipage/server-sent-events.html).
      return HTTPResponse(status: 204, fields: ["Cache-Control": "no-store", "Vary": "Accept"])
    }
    return .events(channel, lastEventID: lastEventID, retry: retry, fields: ["Vary": "Accept"])
  }

  private func problem(_ status: Int, _ detail: String, _ fields: HTTPFields = [:]) -> HTTPResponse {
    var response = HTTPResponse(
      status: status, fields: ["Content-Type": Problem.mediaType, "Cache-Control": "no-store"],
      body: Array(Problem(status: status, detail: detail).json.utf8))
    for field in fields { response.fields[field.name] = field.value }
    return response
  }
}
