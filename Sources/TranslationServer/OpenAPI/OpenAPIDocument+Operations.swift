internal import TranslationAPI

extension OpenAPIDocument {
  /// One method of a resource.
  struct Operation {
    var method: String
    /// Tells it from all others.
    var name: String
    var summary: String
    var description: String?
    var needs: Need
    /// Names of the document's parameters.
    var parameters: [String] = []
    /// A request body object.
    var body: String?
    /// What comes when all is well.
    var answers: [Answer]
    /// The errors of its own.
    var errors: [Int] = []
  }

  /// One status code, and what comes with it.
  struct Answer {
    var code: Int
    var description: String
    /// Names of the document's headers, besides those that any answer may have.
    var headers: [String] = []
    /// A map of media types.
    var content: String?
    /// A map of links.
    var links: String?

    var json: String { response(description, headers: headers, content: content, links: links) }
  }

  /// What any request may be answered.
  private static let commonErrors = [400, 408, 413, 414, 429, 431, 503, 505]

  /// All there is at a path. What can be got can also be asked for with HEAD, and from other origins with OPTIONS.
  ///
  /// - Parameter parameters: those of all its methods.
  static func item(_ tag: String, parameters: [String] = [], _ operations: Operation...) -> String {
    var all = operations
    if let get = operations.first(where: { $0.method == "get" }) {
      var head = get
      head.method = "head"
      head.name += "Head"
      head.summary = "The same without the body"
      head.description = nil
      head.answers = get.answers.map {
        Answer(code: $0.code, description: "As for GET, without the body.", headers: $0.headers)
      }
      all.append(head)
    }
    // It reads, whatever else the resource has.
    let reading = operations.first { $0.method == "get" }?.needs ?? .reader
    var options = Operation(
      method: "options", name: operations[0].name + "Preflight", summary: "What a page of another origin may ask",
      needs: reading, answers: [preflight],
      errors: [403, 405] + (parameters.contains("id") ? [404, 410] : []))
    options.description = "Answered 204 if that origin is allowed, whatever the token, and 403 if only others are."
    all.append(options)
    let shared = parameters.isEmpty ? [] : [("parameters", references(to: parameters))]
    return object(of: shared + all.map { ($0.method, json(of: $0, tag)) })
  }

  private static func json(of operation: Operation, _ tag: String) -> String {
    JSONWriter.object { object in
      object.member("operationId", operation.name)
      object.member("tags", json: "[\(quoted(tag))]")
      object.member("summary", operation.summary)
      object.member("description", operation.description)
      object.member("security", json: operation.needs.security)
      let parameters = operation.parameters + (operation.needs.takesURL ? ["accessToken"] : [])
      if !parameters.isEmpty { object.member("parameters", json: references(to: parameters)) }
      object.member("requestBody", json: operation.body)
      let errors = Set(operation.errors + operation.needs.errors + commonErrors).sorted().map {
        ("\($0)", ##"{"$ref":"#/components/responses/\##($0)"}"##)
      }
      object.member("responses", json: self.object(of: operation.answers.map { ("\($0.code)", $0.json) } + errors))
    }
  }

  private static func references(to parameters: [String]) -> String {
    "[\(parameters.map { ##"{"$ref":"#/components/parameters/\##($0)"}"## }.joined(separator: ","))]"
  }

  private static let preflight = Answer(
    code: 204, description: "It may.",
    headers: ["Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age"])

  /// What a browser, or a cache, is told with any answer.
  private static let commonHeaders = [
    "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers", "Cache-Control",
    "Vary",
  ]

  /// A JSON body of that schema.
  static func answer(
    _ code: Int, _ description: String, _ schema: String, headers: [String] = [], links: String? = nil
  ) -> Answer {
    Answer(
      code: code, description: description, headers: headers,
      content: ##"{"application/json":{"schema":\##(reference(to: schema))}}"##, links: links)
  }

  /// A response object.
  static func response(
    _ description: String, headers: [String] = [], content: String? = nil, links: String? = nil
  ) -> String {
    JSONWriter.object { object in
      object.member("description", description)
      let headers = (headers + commonHeaders).map { ($0, ##"{"$ref":"#/components/headers/\##($0)"}"##) }
      object.member("headers", json: self.object(of: headers))
      object.member("content", json: content)
      object.member("links", json: links)
    }
  }

  /// A request body object that has to be there.
  static func body(_ mediaTypes: [String], _ schema: String, _ description: String) -> String {
    JSONWriter.object { object in
      object.member("description", description)
      object.member("required", json: "true")
      object.member("content", json: self.object(of: mediaTypes.map { ($0, #"{"schema":\#(schema)}"#) }))
    }
  }

  static func reference(to schema: String) -> String { ##"{"$ref":"#/components/schemas/\##(schema)"}"## }
}
