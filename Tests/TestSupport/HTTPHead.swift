/// The head of an HTTP/1.1 message as it stood on the wire: a start line and the fields in their order.
package struct HTTPHead: Sendable {
  package struct Field: Sendable {
    package let name: String
    /// Without the white space around it, else as it came.
    package let value: [UInt8]
  }

  package let startLine: String
  package let fields: [Field]

  /// The first value of the field, whatever the case of its name; not UTF-8 is repaired (the bytes are in `fields`).
  package subscript(_ name: String) -> String? { values(name).first }

  /// All values of the field, in order.
  package func values(_ name: String) -> [String] {
    fields.filter { $0.name.lowercased() == name.lowercased() }.map { String(decoding: $0.value, as: UTF8.self) }
  }

  /// Takes a head, with the empty line after it, off the front of `bytes`; nil as long as it is incomplete.
  ///
  /// Strict, for it judges what others send: lines end with CRLF, a field has a name and a colon.
  static func take(from bytes: inout [UInt8]) throws -> HTTPHead? {
    guard let end = bytes.firstIndex(of: [13, 10, 13, 10]) else { return nil }
    var lines = bytes[..<end].split(separator: 10, omittingEmptySubsequences: false)
    bytes.removeFirst(end + 4)
    for index in lines.indices.dropLast() {
      guard lines[index].popLast() == 13 else { throw HTTPError("a head has a line that ends without CR") }
    }
    let fields = try lines.dropFirst().map { line in
      guard let colon = line.firstIndex(of: 58), colon > line.startIndex else {
        throw HTTPError("not a header field: \(String(decoding: line, as: UTF8.self).debugDescription)")
      }
      let isSpace = { (byte: UInt8) in byte == 32 || byte == 9 }
      let value = line[(colon + 1)...].drop(while: isSpace).reversed().drop(while: isSpace).reversed()
      return Field(name: String(decoding: line[..<colon], as: UTF8.self), value: Array(value))
    }
    return HTTPHead(startLine: String(decoding: lines[0], as: UTF8.self), fields: fields)
  }
}

/// What came is not HTTP/1.1.
package struct HTTPError: Error, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}

extension Array<UInt8> {
  /// Where `pattern` begins for the first time.
  func firstIndex(of pattern: [UInt8]) -> Int? {
    guard let first = pattern.first else { return startIndex }
    return withUnsafeBufferPointer { bytes in
      var index = 0
      while index + pattern.count <= bytes.count {
        if bytes[index] == first, bytes[index..<(index + pattern.count)].elementsEqual(pattern) { return index }
        index += 1
      }
      return nil
    }
  }

  /// Takes the bytes through the end of `delimiter` off the front; nil as long as it has not come.
  mutating func take(through delimiter: [UInt8]) -> [UInt8]? {
    guard let start = firstIndex(of: delimiter) else { return nil }
    return take(count: start + delimiter.count)
  }

  /// Takes `count` bytes off the front; nil as long as there are fewer.
  mutating func take(count: Int) -> [UInt8]? {
    guard self.count >= count else { return nil }
    defer { removeFirst(count) }
    return [UInt8](self[..<count])
  }
}
