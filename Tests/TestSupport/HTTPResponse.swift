/// The head of a response that a `RawClient` got.
package struct HTTPResponse: Sendable {
  package let status: Int
  package let reason: String
  package let head: HTTPHead

  /// The header fields in the order in which they came.
  package var headers: [HTTPHead.Field] { head.fields }

  /// The first value of a header field, whatever the case of its name.
  package subscript(_ name: String) -> String? { head[name] }

  /// All values of a header field.
  package func values(_ name: String) -> [String] { head.values(name) }

  init(_ head: HTTPHead) throws {
    let words = head.startLine.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == "HTTP/1.1", words[1].count == 3, let status = Int(words[1]) else {
      throw HTTPError("not a status line: \(head.startLine.debugDescription)")
    }
    self.status = status
    reason = String(words[2])
    self.head = head
  }
}

/// Takes the framing off a response's body, as the bytes come.
struct HTTPBodyDecoder: Sendable {
  private enum Framing {
    case length(left: Int)
    case chunkSize
    case chunk(left: Int)
    case trailer
    case untilClose
    case complete
  }
  private var framing: Framing

  /// The body's bytes that nobody took yet.
  var decoded: [UInt8] = []

  /// The size of each chunk that came whole, for tests of how a server cuts its stream.
  private(set) var chunkSizes: [Int] = []

  var isComplete: Bool {
    if case .complete = framing { true } else { false }
  }

  /// The framing by RFC 9112, section 6.3.
  init(of response: HTTPResponse, toMethod method: String) throws {
    if method == "HEAD" || response.status == 204 || response.status == 304 || response.status < 200 {
      framing = .complete
    } else if let coding = response["Transfer-Encoding"] {
      guard coding == "chunked", response["Content-Length"] == nil else {
        throw HTTPError("a body with the Transfer-Encoding \(coding), or with two lengths")
      }
      framing = .chunkSize
    } else if let field = response["Content-Length"] {
      guard let length = Int(field), length >= 0 else { throw HTTPError("not a Content-Length: \(field)") }
      framing = length == 0 ? .complete : .length(left: length)
    } else {
      framing = .untilClose
    }
  }

  /// Moves what belongs to the body from the front of `bytes` to `decoded`; what follows the body stays.
  mutating func feed(_ bytes: inout [UInt8], isAtEnd: Bool) throws {
    while true {
      switch framing {
      case .length(let left), .chunk(let left):
        let piece = bytes.take(count: min(left, bytes.count)) ?? []
        decoded += piece
        let isChunk = if case .chunk = framing { true } else { false }
        framing = isChunk ? .chunk(left: left - piece.count) : .length(left: left - piece.count)
        guard left == piece.count else { return try endsHere(bytes, isAtEnd) }
        guard isChunk else { return framing = .complete }
        guard let end = bytes.take(count: 2) else { return try endsHere(bytes, isAtEnd) }
        guard end == [13, 10] else { throw HTTPError("a chunk that is longer than its size says") }
        framing = .chunkSize
      case .chunkSize:
        guard let line = bytes.take(through: [13, 10]) else { return try endsHere(bytes, isAtEnd) }
        let digits = String(decoding: line.dropLast(2).prefix { $0 != 59 }, as: UTF8.self)
        guard let size = Int(digits, radix: 16), size >= 0 else { throw HTTPError("not a chunk size: \(digits)") }
        if size > 0 { chunkSizes.append(size) }
        framing = size == 0 ? .trailer : .chunk(left: size)
      case .trailer:
        guard let line = bytes.take(through: [13, 10]) else { return try endsHere(bytes, isAtEnd) }
        if line.count == 2 { return framing = .complete }
      case .untilClose:
        decoded += bytes
        bytes = []
        if isAtEnd { framing = .complete }
        return
      case .complete:
        return
      }
    }
  }

  private func endsHere(_ bytes: [UInt8], _ isAtEnd: Bool) throws {
    if isAtEnd { throw HTTPError("the connection closed inside a body") }
  }
}
