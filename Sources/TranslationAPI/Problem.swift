/// What a server says when it cannot serve a request: a problem details object, RFC 9457.
///
///     Problem(status: 404, detail: "There is nothing at /statu. Try /status.").json
///     // {"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing at /statu. Try /status."}
package struct Problem: Error, Hashable {
  package static let mediaType = "application/problem+json"

  /// A URI that names the kind of problem. `about:blank` says that the status alone tells it.
  package let type: String

  /// The kind of problem in a few words.
  package let title: String

  /// The status code of the response that carries it.
  package let status: Int

  /// What went wrong this time and what the client can do about it.
  package let detail: String

  /// Where in the body it went wrong: the byte, counted from 0.
  package let position: Int?

  /// The member of the body, or the parameter of the query, that is not as it has to be.
  package let field: String?

  /// The present state of what could not be changed: a JSON object.
  package var current: String?

  /// Without a title it gets the status code's reason phrase, for "when 'about:blank' is used, the title SHOULD be the
  /// same as the recommended HTTP status phrase for that code". Traps if `status` is not an error's, 400 to 599.
  package init(
    type: String = "about:blank", title: String? = nil, status: Int, detail: String, position: Int? = nil,
    field: String? = nil, current: String? = nil
  ) {
    precondition((400...599).contains(status), "a problem's status is in 400...599, not \(status)")
    self.type = type
    self.title = title ?? Self.reasonPhrase(status)
    self.status = status
    self.detail = detail
    self.position = position
    self.field = field
    self.current = current
  }

  /// Nil if it is not one.
  package init?(_ value: JSONValue) {
    guard let members = value.object, let status = members["status"]?.number.flatMap({ Int(exactly: $0) }),
      400...599 ~= status
    else { return nil }
    self.init(
      type: members["type"]?.string ?? "about:blank", title: members["title"]?.string, status: status,
      detail: members["detail"]?.string ?? "", position: members["position"]?.number.flatMap { Int(exactly: $0) },
      field: members["field"]?.string, current: members["current"].flatMap(PublishedUpdate.init)?.json)
  }

  /// The same, in fewer bytes.
  package var withoutCurrent: Problem {
    var problem = self
    problem.current = nil
    return problem
  }

  /// The object on one line.
  package var json: String {
    JSONWriter.object { object in
      object.member("type", type)
      object.member("title", title)
      object.member("status", status)
      object.member("detail", detail)
      if let position { object.member("position", position) }
      object.member("field", field)
      object.member("current", json: current)
    }
  }

  /// The phrase by RFC 9110 or RFC 6585. A code that isn't listed is "equivalent to the x00 status code of its class".
  private static func reasonPhrase(_ status: Int) -> String {
    switch status {
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    case 500...: "Internal Server Error"
    default: "Bad Request"
    }
  }
}
