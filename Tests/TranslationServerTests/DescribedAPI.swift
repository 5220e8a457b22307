import EventStreamServer
import TestSupport
import Testing
import TranslationAPI

@testable import TranslationServer

/// What the OpenAPI document says, with its references followed.
struct DescribedAPI {
  static let new = #"{"source":"de","target":"en"}"#

  struct Operation {
    let method: String
    /// Names of the security schemes of which one is enough.
    let schemes: Set<String>
    /// Names of the parameters it refers to.
    let parameters: Set<String>
    /// By status code.
    fileprivate let responses: [Int: Set<String>]

    /// The header fields of that answer, in small letters; nil if there is no such answer.
    func headers(of status: Int) -> Set<String>? { responses[status] }
  }

  private let document: JSONValue?

  init() { document = try? JSONValue(json: Array(OpenAPIDocument.json.utf8)) }

  func operations(of route: Route) throws -> [Operation] {
    let item = try #require(document?.object?["paths"]?.object?[route.rawValue]?.object)
    return item.filter { $0.key != "parameters" }.map { method, operation in
      let members = operation.object ?? [:]
      let schemes = (members["security"]?.array ?? []).flatMap { ($0.object ?? [:]).keys }
      let parameters = (members["parameters"]?.array ?? []).compactMap { name(in: $0).map(String.init) }
      var responses: [Int: Set<String>] = [:]
      for (code, response) in members["responses"]?.object ?? [:] {
        let headers = resolved(response).object?["headers"]?.object ?? [:]
        responses[Int(code) ?? 0] = Set(headers.keys.map { $0.lowercased() })
      }
      return Operation(
        method: method.uppercased(), schemes: Set(schemes), parameters: Set(parameters), responses: responses)
    }
  }

  private func name(in reference: JSONValue) -> Substring? {
    reference.object?["$ref"]?.string?.split(separator: "/").last
  }

  private func resolved(_ value: JSONValue) -> JSONValue {
    guard let reference = value.object?["$ref"]?.string else { return value }
    return reference.dropFirst(2).split(separator: "/").reduce(document) { $0?.object?[String($1)] } ?? value
  }
}

extension DescribedAPI.Operation {
  /// The head of the answer to a request with these lines in its head, and a body that is right if it takes one.
  func head(of target: String, _ lines: [String], from hub: Hub) async throws -> TestSupport.HTTPResponse {
    let client = try await RawClient(port: hub.port)
    defer { client.close() }
    var (lines, body) = (lines, "")
    if method == "POST" || method == "PUT" {
      let isBatch = target.hasPrefix("/translations/status")
      body = method == "PUT" ? #"{"status":"running"}"# : isBatch ? "" : DescribedAPI.new
      lines += ["Content-Type: application/\(isBatch ? "x-ndjson" : "json")", "Content-Length: \(body.utf8.count)"]
    }
    try await client.send(
      "\(method) \(target) HTTP/1.1\r\n" + (["Host: a"] + lines + ["", body]).joined(separator: "\r\n"))
    return try await client.response(to: method)
  }

  /// The answer has a status that is described, and no header field that is not.
  func expectDescribed(_ head: TestSupport.HTTPResponse, _ comment: Comment) {
    // How a message is sent is HTTP's matter, and its content type the document's by other means.
    let framing: Set = ["date", "connection", "content-length", "content-type", "transfer-encoding"]
    guard let described = headers(of: head.status) else {
      Issue.record("the status is not described: \(comment)")
      return
    }
    let sent = Set(head.headers.map { $0.name.lowercased() })
    #expect(sent.subtracting(framing).subtracting(described) == [], comment)
  }
}
