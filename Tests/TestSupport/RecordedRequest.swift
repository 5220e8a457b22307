/// One request that a `ScriptedPeer` got.
package struct RecordedRequest: Sendable {
  package let method: String
  package let target: String
  /// `HTTP/1.1`
  package let version: String
  package let head: HTTPHead
  package let body: [UInt8]

  /// The header fields in the order in which they came.
  package var headers: [HTTPHead.Field] { head.fields }

  /// The first value of a header field, whatever the case of its name.
  package subscript(_ name: String) -> String? { head[name] }

  /// All values of a header field.
  package func values(_ name: String) -> [String] { head.values(name) }

  package var bodyText: String { String(decoding: body, as: UTF8.self) }

  /// Takes a request with its body (by Content-Length) off the front of `bytes`; nil as long as it is incomplete.
  static func take(from bytes: inout [UInt8]) throws -> RecordedRequest? {
    var rest = bytes
    guard let head = try HTTPHead.take(from: &rest) else { return nil }
    let words = head.startLine.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
      throw HTTPError("not a request line: \(head.startLine.debugDescription)")
    }
    guard head["Transfer-Encoding"] == nil else { throw HTTPError("the peer reads bodies by Content-Length only") }
    guard let length = Int(head["Content-Length"] ?? "0"), length >= 0 else {
      throw HTTPError("not a Content-Length: \(head["Content-Length"] ?? "")")
    }
    guard let body = rest.take(count: length) else { return nil }
    bytes = rest
    return RecordedRequest(method: words[0], target: words[1], version: words[2], head: head, body: body)
  }
}
