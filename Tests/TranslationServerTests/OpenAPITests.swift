import EventStreamServer
import TestSupport
import Testing
import TranslationAPI

@testable import TranslationServer

/// The document tells what there is, and nothing else.
@Suite(.paced, .timeLimit(.minutes(3)))
struct OpenAPITests {
  private let document: [String: JSONValue]
  private let paths: [String: JSONValue]

  init() throws {
    document = try #require(try JSONValue(json: Array(OpenAPIDocument.json.utf8)).object)
    paths = try #require(document["paths"]?.object)
  }

  @Test func documentIsServed() async throws {
    let hub = try Hub()
    let answer = try await hub.request("GET", "/openapi.json")
    #expect(answer.status == 200)
    #expect(answer.head["Content-Type"] == "application/json")
    #expect(answer.body == OpenAPIDocument.json)
    #expect(answer.members["openapi"]?.string?.hasPrefix("3.1.") == true)
    await hub.server.stop()
  }

  @Test func everyRouteIsThereAndNoOther() {
    #expect(Set(paths.keys) == Set(Route.allCases.map(\.rawValue)))
  }

  @Test(arguments: Route.allCases)
  func methodsAreThoseThatTheRouteAllows(route: Route) async throws {
    let hub = try Hub()
    let id = try await hub.submit()
    let path = route.rawValue.replacing("{id}", with: id)
    let answer = try await hub.request("PATCH", path, "")
    #expect(answer.status == 405)
    let allowed = try #require(answer.head["Allow"]).split(separator: ",").map { $0.filter { $0 != " " } }
    let documented = try #require(paths[route.rawValue]?.object).keys.filter { $0 != "parameters" }
    #expect(documented.contains("options"))
    // That one is not the resource's.
    #expect(Set(allowed).subtracting(["OPTIONS"]) == Set(documented.map { $0.uppercased() }).subtracting(["OPTIONS"]))
    await hub.server.stop()
  }

  @Test func everyReferenceLeadsSomewhere() throws {
    var references: Set<String> = []
    var names: Set<String> = []
    func look(at value: JSONValue) {
      for (name, member) in value.object ?? [:] {
        if name == "$ref", let reference = member.string { references.insert(reference) }
        if name == "operationId", let operation = member.string, case .object(let members) = value {
          // A link names one, too.
          if members["responses"] != nil { #expect(names.insert(operation).inserted, "\(operation) is there twice") }
        }
        look(at: member)
      }
      for element in value.array ?? [] { look(at: element) }
    }
    look(at: .object(document))
    #expect(references.count > 30)
    for reference in references {
      var value: JSONValue? = .object(document)
      for part in reference.dropFirst(2).split(separator: "/") { value = value?.object?[String(part)] }
      #expect(value != nil, "\(reference)")
    }
  }

  @Test func everyStatusOfAProblemIsItsName() throws {
    let responses = try #require(document["components"]?.object?["responses"]?.object)
    for path in paths.values {
      for operation in (path.object ?? [:]).values {
        for (code, response) in operation.object?["responses"]?.object ?? [:] {
          guard let reference = response.object?["$ref"]?.string else { continue }
          #expect(reference == "#/components/responses/\(code)")
          // That one is libmicrohttpd's to tell.
          let isProblem = code != "505"
          #expect((responses[code]?.object?["content"]?.object?["application/problem+json"] != nil) == isProblem)
        }
      }
    }
  }
}
