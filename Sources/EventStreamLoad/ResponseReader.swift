/// Reads HTTP/1.1 responses that come in pieces of any size, one after the other on a connection.
///
///     var rest = bytes
///     while let part = try reader.next(in: &rest) { … }
struct ResponseReader {
  enum Part {
    case head(status: Int, isEventStream: Bool)
    case body(UnsafeRawBufferPointer)
    /// The response is complete.
    case end
  }

  struct Malformed: Error {}

  private enum State {
    case head
    /// Until the connection ends.
    case endless
    /// A body without chunks, of which so much is left.
    case length(Int)
    /// The line that tells a chunk's size, so far.
    case chunkSize(Int, digits: Int, isExtension: Bool)
    case chunk(left: Int)
    /// The line end behind a chunk.
    case chunkEnd
    /// Lines behind the last chunk; how long the present one is.
    case trailer(Int)
  }
  private var state = State.head
  /// Whether the server closes the connection after the present response.
  private(set) var isLast = false
  /// What has come of a head that is not complete.
  private var partial: [UInt8] = []

  private static let maxHead = 65_536

  /// The next part, with its bytes taken from `rest`; nil when more is needed.
  mutating func next(in rest: inout UnsafeRawBufferPointer) throws(Malformed) -> Part? {
    while true {
      if case .length(0) = state {
        state = .head
        return .end
      }
      guard !rest.isEmpty else { return nil }
      switch state {
      case .head:
        if let part = try readHead(&rest) { return part }
      case .endless: return .body(take(rest.count, from: &rest))
      case .length(let left):
        let count = min(left, rest.count)
        state = .length(left - count)
        return .body(take(count, from: &rest))
      case .chunkSize, .chunkEnd, .trailer:
        if try readFraming(take(1, from: &rest)[0]) { return .end }
      case .chunk(let left):
        let count = min(left, rest.count)
        state = count == left ? .chunkEnd : .chunk(left: left - count)
        return .body(take(count, from: &rest))
      }
    }
  }

  /// Whether the connection may end here: between responses, or where its end is the body's.
  var mayEnd: Bool {
    switch state {
    case .head: partial.isEmpty
    case .endless: true
    default: false
    }
  }

  private func take(_ count: Int, from rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let taken = UnsafeRawBufferPointer(rebasing: rest[..<count])
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    return taken
  }

  // MARK: Chunks

  /// - Returns: whether the response is complete.
  private mutating func readFraming(_ byte: UInt8) throws(Malformed) -> Bool {
    switch (state, byte) {
    case (.chunkSize(let size, let digits, _), UInt8(ascii: "\n")):
      guard digits > 0 else { throw Malformed() }
      state = size > 0 ? .chunk(left: size) : .trailer(0)
    case (.chunkSize, UInt8(ascii: "\r")): break
    case (.chunkSize(let size, let digits, let isExtension), _):
      guard !isExtension, let digit = Self.digit(byte) else {
        state = .chunkSize(size, digits: digits, isExtension: true)
        return false
      }
      guard digits < 15 else { throw Malformed() }
      state = .chunkSize(size << 4 | digit, digits: digits + 1, isExtension: false)
    case (.chunkEnd, UInt8(ascii: "\r")): break
    case (.chunkEnd, UInt8(ascii: "\n")): state = .chunkSize(0, digits: 0, isExtension: false)
    case (.trailer(0), UInt8(ascii: "\n")):
      state = .head
      return true
    case (.trailer, UInt8(ascii: "\n")): state = .trailer(0)
    case (.trailer, UInt8(ascii: "\r")): break
    case (.trailer(let length), _): state = .trailer(length + 1)
    default: throw Malformed()
    }
    return false
  }

  private static func digit(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }

  // MARK: Heads

  private mutating func readHead(_ rest: inout UnsafeRawBufferPointer) throws(Malformed) -> Part? {
    // A head comes whole, all but always; else byte by byte, since its end may be cut anywhere.
    while !rest.isEmpty {
      partial.append(take(1, from: &rest)[0])
      guard partial.count <= Self.maxHead else { throw Malformed() }
      guard isHeadComplete else { continue }
      let text = String(decoding: partial, as: UTF8.self)
      partial = []
      return try head(text)
    }
    return nil
  }

  /// Whether an empty line has come.
  private var isHeadComplete: Bool {
    guard partial.last == UInt8(ascii: "\n"), partial.count > 1 else { return false }
    let before = partial[partial.count - 2]
    return before == UInt8(ascii: "\n")
      || before == UInt8(ascii: "\r") && partial.count > 2 && partial[partial.count - 3] == UInt8(ascii: "\n")
  }

  private mutating func head(_ text: String) throws(Malformed) -> Part? {
    let lines = text.split { $0.isNewline }
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]), 100...599 ~= status else {
      throw Malformed()
    }
    // An interim response; the real one follows.
    if status < 200 { return nil }
    var isEventStream = false
    var isChunked = false
    var length: Int?
    isLast = words[0] == "HTTP/1.0"
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].lowercased()
      switch line[..<colon].lowercased() {
      case "content-type": isEventStream = value.contains("text/event-stream")
      case "connection":
        let options = value.split { " \t,".contains($0) }
        isLast = options.contains("close") || isLast && !options.contains("keep-alive")
      case "transfer-encoding": isChunked = value.contains("chunked")
      case "content-length":
        guard let count = Int(value.filter { $0 != " " && $0 != "\t" }), count >= 0 else { throw Malformed() }
        length = count
      default: break
      }
    }
    if status == 204 || status == 304 { length = 0 }
    state =
      isChunked && status != 204 ? .chunkSize(0, digits: 0, isExtension: false) : length.map { .length($0) } ?? .endless
    return .head(status: status, isEventStream: isEventStream)
  }
}
