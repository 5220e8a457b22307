extension OpenAPIDocument {
  static let translationPaths: [(route: Route, item: String)] = [
    (
      .translations,
      item(
        "translations",
        Operation(
          method: "get", name: "listTranslations", summary: "Translations, the newest first, in pages",
          needs: .reader, parameters: ["statuses", "limit", "cursor"],
          answers: [answer(200, "A page of them.", "TranslationList")], errors: [422]),
        Operation(
          method: "post", name: "submitTranslation", summary: "Submit a translation",
          description: "A request that is repeated with the same `Idempotency-Key` makes nothing new.",
          needs: .publisher, parameters: ["idempotencyKey"],
          body: body(["application/json"], reference(to: "NewTranslation"), "What is to be translated."),
          answers: [answer(201, "It is there.", "Translation", headers: ["Location"], links: links)],
          errors: [415, 422])
      )
    ),
    (
      .translation,
      item(
        "translations", parameters: ["id"],
        Operation(
          method: "get", name: "getTranslation", summary: "A translation and its latest status",
          needs: .reader, answers: [answer(200, "It.", "Translation")], errors: [404, 410]),
        Operation(
          method: "delete", name: "cancelTranslation", summary: "Cancel a translation",
          description: "It can still be looked at for a while. To cancel what is cancelled is fine.",
          needs: .publisher, parameters: ["ifMatch"], answers: [answer(200, "It is cancelled.", "Translation")],
          errors: [404, 409, 410, 412]))
    ),
  ]

  /// What can be done with a translation once it is there.
  private static let links: String = {
    let operations = ["getTranslation", "cancelTranslation", "getTranslationStatus", "publishStatus"]
    return object(
      of: operations.map { ($0, ##"{"operationId":"\##($0)","parameters":{"id":"$response.body#/id"}}"##) })
  }()

  static let statusPaths: [(route: Route, item: String)] = [
    (.ownStatus, item("status", reading("getStatus", "The status of the translation that starts with the server"))),
    (
      .status,
      item(
        "status", parameters: ["id"],
        reading("getTranslationStatus", "The status of a translation", errors: [404, 410]),
        Operation(
          method: "put", name: "publishStatus", summary: "Report how far a translation is",
          description: """
            What was published already is answered as it was then. 409 if it has ended or would go back, 412 if the \
            status is not the one of `If-Match`: `current` tells which it is.
            """,
          needs: .publisher, parameters: ["ifMatch"],
          body: body(["application/json"], reference(to: "StatusChange"), "The status that it has from now on."),
          answers: [answer(200, "It is published.", "PublishedUpdate", headers: ["ETag"])],
          errors: [404, 409, 410, 412, 415, 422])
      )
    ),
    (
      .batch,
      item(
        "status",
        Operation(
          method: "post", name: "publishStatuses", summary: "Report on many translations",
          description: "A `BatchChange` a line; the answer has a `BatchAnswer` for each line that is not empty.",
          needs: .publisher,
          body: body(
            ["application/x-ndjson", "application/ndjson", "application/jsonl"],
            #"{"type":"array","items":\#(reference(to: "BatchChange"))}"#, "The changes, a line each."),
          answers: [
            Answer(
              code: 200, description: "What became of each, a line each.",
              content: """
                {"application/x-ndjson":{"schema":{"type":"array","items":\(reference(to: "BatchAnswer"))}}}
                """)
          ], errors: [415]))
    ),
    (
      .events,
      item(
        "status",
        Operation(
          method: "get", name: "followTranslations", summary: "The statuses of many translations, in one stream",
          description: """
            Of those that are named, or of all. It ends when all that are named have ended. The data of a `reset` tells \
            how many latest statuses follow: `{"events":3}`.
            """,
          needs: .reader, parameters: ["ids", "lastEventID", "lastEventIDInQuery"],
          answers: [
            Answer(
              code: 200, description: "The stream.", headers: ["X-Accel-Buffering"],
              content: #"{"text/event-stream":\#(stream(of: "AnyEvent"))}"#),
            Answer(code: 204, description: "All have ended, and the last event was seen."),
          ], errors: [404, 406, 410]))
    ),
  ]

  private static func reading(
    _ name: String, _ summary: String, errors: [Int] = []
  ) -> Operation {
    Operation(
      method: "get", name: name, summary: summary,
      description: "A page, which has no status in it, comes without a token too.", needs: .reader,
      parameters: ["lastEventID", "lastEventIDInQuery"],
      answers: [
        Answer(
          code: 200,
          description: """
            The status in the form that was asked for. `ETag` comes with JSON, `X-Accel-Buffering` with a stream, a policy \
            with a page.
            """,
          headers: ["ETag", "X-Accel-Buffering"] + pageHeaders,
          content: """
            {"text/event-stream":\(stream(of: "StatusEvent")),"application/json":{"schema":\(reference(to: "StatusUpdate"))},\
            "text/html":{"schema":{"type":"string"}}}
            """),
        Answer(code: 204, description: "It has ended, and the last event was seen."),
        withoutTokenInURL,
      ], errors: errors + [406])
  }

  /// A stream's media type object. Its schema is that of an event by its fields, as from OpenAPI 3.2 on.
  private static func stream(of event: String) -> String {
    #"""
    {"schema":\#(reference(to: event)),"examples":{"first":{"value":"\#(example)"}}}
    """#
  }

  private static let example = #"""
    retry: 2000\nid: 7u4ddpfgs-1\ndata: {\"status\":\"pending\",\"timestamp\":1795384363.434215,\#
    \"job\":\"xRk7h0zqX5mCkYzVd1sQ4A\",\"sent\":1795384363.434301}\n\n
    """#

  static let serverPaths: [(route: Route, item: String)] = [
    (
      .page,
      item(
        "server",
        Operation(
          method: "get", name: "getPage", summary: "A page that shows all translations as they change", needs: .page,
          answers: [
            Answer(
              code: 200, description: "It.", headers: pageHeaders,
              content: #"{"text/html":{"schema":{"type":"string"}}}"#),
            withoutTokenInURL,
          ]))
    ),
    (.description, item("server", plain("getDescription", "This document", "application/json", schema: "object"))),
    (
      .time,
      item(
        "server",
        Operation(
          method: "get", name: "getTime", summary: "The server's clock",
          description: "The two inner timestamps of the four by which clocks are compared (RFC 5905, 8).",
          needs: .nothing, answers: [answer(200, "The time.", "ServerTime")]))
    ),
    (.metrics, item("server", plain("getMetrics", "Figures in Prometheus' text format", "text/plain", needs: .admin))),
    (.live, item("server", plain("getLiveness", "Whether the server is there", "text/plain"))),
    (
      .ready,
      item(
        "server",
        plain(
          "getReadiness", "Whether it takes requests: 503 while it shuts down, or cannot write its journal",
          "text/plain"))
    ),
  ]

  private static func plain(
    _ name: String, _ summary: String, _ mediaType: String, schema: String = "string", needs: Need = .nothing
  ) -> Operation {
    Operation(
      method: "get", name: name, summary: summary, needs: needs,
      answers: [
        Answer(code: 200, description: "It.", content: #"{"\#(mediaType)":{"schema":{"type":"\#(schema)"}}}"#)
      ])
  }
}
