/// A JSON value, whatever it is. Of members with one name the last counts.
package enum JSONValue: Sendable, Hashable {
  case string(String)
  case number(Double)
  case bool(Bool)
  case null
  case array([JSONValue])
  case object([String: JSONValue])

  /// Reads a whole text.
  package init(json: [UInt8]) throws(JSONError) {
    self = try json.withUnsafeBytes { bytes in
      Result { () throws(JSONError) in
        var reader = JSONReader(bytes)
        let value = try JSONValue(&reader)
        try reader.end()
        return value
      }
    }.get()
  }

  /// Reads the next value.
  /// - Parameter depth: How many levels of objects and arrays are kept. A deeper one is checked as strictly but never
  ///   made: it reads as an empty one.
  init(_ reader: inout JSONReader, depth: Int = JSONReader.maximumDepth) throws(JSONError) {
    switch try reader.kind() {
    case .string: self = .string(try reader.string())
    case .number: self = .number(try reader.number())
    case .bool: self = .bool(try reader.bool())
    case .null:
      try reader.null()
      self = .null
    case .array where depth == 0:
      try reader.skip()
      self = .array([])
    case .object where depth == 0:
      try reader.skip()
      self = .object([:])
    case .array:
      var elements: [JSONValue] = []
      try reader.beginArray()
      while try reader.nextElement() { elements.append(try JSONValue(&reader, depth: depth - 1)) }
      self = .array(elements)
    case .object:
      var members: [String: JSONValue] = [:]
      try reader.beginObject()
      while let key = try reader.nextKey() { members[key] = try JSONValue(&reader, depth: depth - 1) }
      self = .object(members)
    }
  }

  package var string: String? {
    if case .string(let string) = self { string } else { nil }
  }

  package var number: Double? {
    if case .number(let number) = self { number } else { nil }
  }

  package var object: [String: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }

  package var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
}
