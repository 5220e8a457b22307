internal import TranslationAPI

extension OpenAPIDocument {
  /// One method of a resource.
  struct Operation {
    var method: String
    /// Tells it from all others.
    var name: String
    var summary: String
    var description: String?
    /// Names of the document's parameters.
    var parameters: [String] = []
    /// A request body object.
    var body: String?
    /// Status codes, and what comes with them when all is well: response objects.
    var answers: [(code: Int, json: String)]
    /// The errors of its own.
    var errors: [Int] = []
  }

  /// What any request may be answered.
  private static let commonErrors = [400, 401, 403, 408, 414, 429, 431, 503]

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
      head.answers = get.answers.map { ($0.code, #"{"description":"As for GET, without the body."}"#) }
      all.append(head)
    }
    var options = Operation(
      method: "options", name: operations[0].name + "Preflight", summary: "What a page of another origin may ask",
      answers: [(204, preflight)],
      errors: [405] + (parameters.contains("id") ? [404, 410] : []))
    options.description = "Answered 204 if that origin is allowed."
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
      if !operation.parameters.isEmpty { object.member("parameters", json: references(to: operation.parameters)) }
      object.member("requestBody", json: operation.body)
      let errors = (operation.errors + commonErrors).sorted().map {
        (code: $0, json: ##"{"$ref":"#/components/responses/\##($0)"}"##)
      }
      object.member(
        "responses",
        json: self.object(of: (operation.answers + errors).map { ("\($0.code)", $0.json) }))
    }
  }

  private static func references(to parameters: [String]) -> String {
    "[\(parameters.map { ##"{"$ref":"#/components/parameters/\##($0)"}"## }.joined(separator: ","))]"
  }

  private static let preflight = """
    {"description":"It may.","headers":{\
    "Access-Control-Allow-Origin":{"schema":{"type":"string"}},\
    "Access-Control-Allow-Methods":{"schema":{"type":"string"}},\
    "Access-Control-Allow-Headers":{"schema":{"type":"string"}},\
    "Access-Control-Max-Age":{"schema":{"type":"string"}}}}
    """

  /// A response object with a JSON body of that schema.
  static func answer(_ description: String, _ schema: String, headers: [String] = [], links: String? = nil) -> String {
    response(
      description, headers: headers, content: ##"{"application/json":{"schema":\##(reference(to: schema))}}"##,
      links: links)
  }

  static func response(
    _ description: String, headers: [String] = [], content: String? = nil, links: String? = nil
  ) -> String {
    JSONWriter.object { object in
      object.member("description", description)
      if !headers.isEmpty {
        object.member(
          "headers", json: self.object(of: headers.map { ($0, ##"{"$ref":"#/components/headers/\##($0)"}"##) }))
      }
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
