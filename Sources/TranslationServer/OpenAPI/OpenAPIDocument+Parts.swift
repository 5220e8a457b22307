internal import TranslationAPI

// What operations refer to by name.

extension OpenAPIDocument {
  static let parameters: [(name: String, json: String)] = [
    (
      "id",
      parameter(
        "id", in: "path", "The translation's.", #"{"type":"string","pattern":"^[0-9A-Za-z]{1,40}$"}"#, isRequired: true)
    ),
    (
      "ids",
      parameter(
        "id", in: "query", "A translation that is to be followed; may be given often. Without it, all are.",
        #"{"type":"array","items":{"type":"string","pattern":"^[0-9A-Za-z]{1,40}$"}}"#)
    ),
    (
      "statuses",
      parameter(
        "status", in: "query", "Only translations of this status; may be given often.",
        ##"{"type":"array","items":\##(reference(to: "TranslationStatus"))}"##)
    ),
    (
      "limit",
      parameter(
        "limit", in: "query", "How many a page has.", #"{"type":"integer","minimum":1,"maximum":500,"default":50}"#)
    ),
    (
      "cursor",
      parameter(
        "cursor", in: "query", "The `next` of the page before.",
        #"{"type":"string","pattern":"^(0|[1-9a-z][0-9a-z]{0,11})$"}"#)
    ),
    (
      "lastEventID",
      parameter(
        "Last-Event-ID", in: "header", "The id of the last event that was seen: the stream continues behind it.",
        #"{"type":"string"}"#)
    ),
    (
      "lastEventIDInQuery",
      parameter(
        "last_event_id", in: "query", "The same, for clients that cannot set the header; that one counts.",
        #"{"type":"string"}"#)
    ),
    (
      "ifMatch",
      parameter(
        "If-Match", in: "header", "Entity tags: the status has to be one of these. `*` is any.", #"{"type":"string"}"#)
    ),
    (
      "idempotencyKey",
      parameter(
        "Idempotency-Key", in: "header", "Drawn anew for each translation that is to be made, the same for a retry.",
        #"{"type":"string","minLength":1,"maxLength":255,"pattern":"^[ -~]+$"}"#)
    ),
    (
      "accessToken",
      parameter(
        "access_token", in: "query", "The token, for clients that cannot set `Authorization`: in one of both alone.",
        #"{"type":"string"}"#)
    ),
  ]

  private static func parameter(
    _ name: String, in place: String, _ description: String, _ schema: String, isRequired: Bool = false
  ) -> String {
    JSONWriter.object { object in
      object.member("name", name)
      object.member("in", place)
      object.member("description", description)
      if isRequired { object.member("required", json: "true") }
      object.member("schema", json: schema)
    }
  }

  static let headers: [(name: String, json: String)] = [
    header("Location", "Where it is."),
    header("ETag", "The id of the status, for If-Match."),
    header("Vary", "`Accept`: the resource has several forms. `Origin`: pages of some origins are let in."),
    header("Cache-Control", "`no-store`, with `private` if the token came with the URL."),
    header("Allow", "The methods that there are."),
    header("Retry-After", "Seconds after which to try again."),
    header("WWW-Authenticate", "`Bearer`, and what is wrong with the token (RFC 6750, 3)."),
    header("Set-Cookie", "`token`, for this server alone and out of scripts' reach; with TLS for that alone."),
    header("Access-Control-Allow-Origin", "The origin of the page that asks, or `*`, if it is let in."),
    header("Access-Control-Allow-Credentials", "`true`: that page may send cookies."),
    header("Access-Control-Expose-Headers", "What that page may see."),
    header("Access-Control-Allow-Methods", "What that page may ask with."),
    header("Access-Control-Allow-Headers", "What that page may send."),
    header("Access-Control-Max-Age", "For how many seconds that holds."),
    header("X-Accel-Buffering", "`no`: a proxy is to pass each event on at once."),
    header(
      "Content-Security-Policy", "Nothing but what the page itself has may run there, and it asks its own origin alone."
    ),
    header("Referrer-Policy", "`no-referrer`."),
    header("X-Content-Type-Options", "`nosniff`."),
  ]

  private static func header(_ name: String, _ description: String) -> (name: String, json: String) {
    (name, #"{"description":\#(quoted(description)),"schema":{"type":"string"}}"#)
  }

  /// Every error, under its status code.
  static let problems: [(name: String, json: String)] = [
    problem(
      400, "The request, or its body, cannot be read: `position` tells where. Or there are two tokens.",
      headers: ["WWW-Authenticate"]),
    problem(401, "There is no token, or it is not known.", headers: ["WWW-Authenticate"]),
    problem(
      403, "The token is not for this: `WWW-Authenticate` tells what it takes. Or the origin, or the machine, is not.",
      headers: ["WWW-Authenticate"]),
    problem(404, "There is no such thing."),
    problem(405, "The resource lacks this method.", headers: ["Allow"]),
    problem(406, "The resource has none of the forms in `Accept`."),
    problem(408, "The head of the request did not come in time."),
    problem(409, "The translation has ended, or it would go back. `current` is its status."),
    problem(410, "It has ended, and the time for which it was kept is over."),
    problem(412, "The status is not the one of `If-Match`. `current` is its status."),
    problem(413, "The body is too large."),
    problem(414, "The target of the request is too long."),
    problem(415, "The body has another media type than it has to be."),
    problem(422, "A value is not what it has to be. `field` names it."),
    problem(429, "Too many requests.", headers: ["Retry-After"]),
    problem(431, "The head of the request is too large."),
    problem(503, "The server is shutting down, or has as much as it can take.", headers: ["Retry-After"]),
    // Told by libmicrohttpd, in a page.
    ("505", response("The version of HTTP is not 1.")),
  ]

  private static func problem(_ status: Int, _ description: String, headers: [String] = []) -> (
    name: String, json: String
  ) {
    let content = #"{"\#(Problem.mediaType)":{"schema":\#(reference(to: "Problem"))}}"#
    return ("\(status)", response(description, headers: headers, content: content))
  }
}
