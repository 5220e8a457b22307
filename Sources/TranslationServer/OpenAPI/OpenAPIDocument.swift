internal import TranslationAPI

/// What the server answers, for people's tools: an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1).
enum OpenAPIDocument {
  static let json = JSONWriter.object { document in
    document.member("openapi", "3.1.1")
    document.member("info", json: info)
    document.member("servers", json: #"[{"url":"."}]"#)
    document.member("tags", json: tags)
    document.member("paths", json: object(of: paths.map { ($0.route.rawValue, $0.item) }))
    document.member(
      "components",
      json: object(of: [
        ("schemas", object(of: schemas)), ("parameters", object(of: parameters)), ("headers", object(of: headers)),
        ("responses", object(of: problems)), ("securitySchemes", securitySchemes),
      ]))
  }

  private static let info = JSONWriter.object { info in
    info.member("title", "Translations")
    info.member("version", "1")
    info.member("summary", "Submit translations, report how far they are, and follow that as event streams.")
    info.member(
      "description",
      """
      A status is `pending`, `running`, `completed`, `error` or `cancelled`; the last three are final. Its resource has \
      three forms, by `Accept`: an event stream (`text/event-stream`, the one for `*/*`), JSON, and a page.

      An event's data is a JSON object with `status`, `timestamp` and `job`; its id can be given as `Last-Event-ID`, or \
      as `last_event_id` in the query, to continue behind it. If what was missed is not held any more, the first event \
      has the type `reset`. A stream ends after the final status; with the id of that one it is answered 204.

      Methods that a resource lacks are answered 405 with `Allow`, paths that lead nowhere 404. Every error is a \
      `Problem`; what is too far from HTTP to be a request may get a page without a media type in its place. \
      `OPTIONS` is a browser's question before it asks from another origin.

      A server may be given tokens, and wants one then where `security` tells: it takes the role `subscribe` to read, \
      `publish` to change anything, or to ask with a method that a resource lacks, `admin` for the figures. Without one \
      it is answered 401, with one of another role, or for other translations, 403. A page whose URL has the token moves \
      it to a cookie: 303.
      """)
  }

  private static let tags = """
    [{"name":"translations","description":"What is to be translated."},\
    {"name":"status","description":"How far it is: to be followed, and to be reported."},\
    {"name":"server","description":"The server itself."}]
    """

  private static let paths = translationPaths + statusPaths + serverPaths

  static func object(of members: [(name: String, json: String)]) -> String {
    JSONWriter.object { object in
      for member in members { object.member(member.name, json: member.json) }
    }
  }

  /// `"A sentence."`, escaped.
  static func quoted(_ text: String) -> String {
    String(JSONWriter.object { $0.member("", text) }.dropFirst(4).dropLast())
  }
}
