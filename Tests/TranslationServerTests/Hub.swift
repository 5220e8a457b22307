import EventStreamServer
import TestSupport
import Testing
import TranslationAPI

@testable import TranslationServer

/// A running server, and requests of it.
struct Hub {
  let server: TranslationServer
  let port: UInt16

  init(_ change: (inout TranslationServer.Configuration) -> Void = { _ in }) throws {
    var configuration = TranslationServer.Configuration(port: 0)
    configuration.delay = .seconds(3600)
    configuration.http.heartbeat = .zero
    configuration.reconnectionRate = nil
    change(&configuration)
    server = try TranslationServer(configuration)
    port = UInt16(try server.start().port)
  }

  struct Answer {
    let status: Int
    let head: TestSupport.HTTPResponse
    let body: String

    var members: [String: JSONValue] { (try? JSONValue(json: Array(body.utf8)))?.object ?? [:] }
    subscript(name: String) -> String? { members[name]?.string }
  }

  /// One request on a connection of its own.
  func request(
    _ method: String, _ target: String, _ body: String? = nil, type: String = "application/json",
    fields: [String: String] = [:]
  ) async throws -> Answer {
    let client = try await RawClient(port: port)
    try await client.send(head(method, target, body, type: type, fields: fields) + (body ?? ""))
    let head = try await client.response(to: method)
    let answer = Answer(status: head.status, head: head, body: try await client.bodyToEnd())
    client.close()
    return answer
  }

  private func head(
    _ method: String, _ target: String, _ body: String?, type: String, fields: [String: String]
  ) -> String {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
    if let body { head += "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n" }
    for (name, value) in fields { head += "\(name): \(value)\r\n" }
    return head + "\r\n"
  }

  /// A stream that is open.
  func stream(_ target: String, lastEventID: String? = nil) async throws -> RawClient {
    let client = try await RawClient(port: port)
    let fields = lastEventID.map { ["Last-Event-ID": $0] } ?? [:]
    try await client.send(head("GET", target, nil, type: "", fields: fields))
    #expect(try await client.response().status == 200)
    return client
  }

  /// Submits a translation, and returns its id.
  func submit(_ extra: String = "") async throws -> String {
    let answer = try await request("POST", "/translations", #"{"source":"de","target":"en"\#(extra)}"#)
    #expect(answer.status == 201)
    return try #require(answer["id"])
  }

  @discardableResult
  func publish(_ change: String, _ id: String, fields: [String: String] = [:]) async throws -> Answer {
    try await request("PUT", "/translations/\(id)/status", change, fields: fields)
  }
}

/// The events of a stream's text: type, id, and the update if the data is one.
func blocks(_ stream: String) -> [(type: String, id: String, data: String)] {
  stream.split(separator: "\n\n").compactMap { block in
    var fields: [Substring: String] = [:]
    for line in block.split(separator: "\n") {
      let parts = line.split(separator: ": ", maxSplits: 1)
      if parts.count == 2 { fields[parts[0]] = String(parts[1]) }
    }
    return fields["data"].map { (fields["event"] ?? "message", fields["id"] ?? "", $0) }
  }
}

/// The whole events of a stream up to the one that holds `text`.
func events(of stream: RawClient, until text: String) async throws -> String {
  try await stream.body(until: text) + stream.body(until: "\n\n")
}
