/// The members of a request's JSON body, each asked for by name and judged.
///
///     let body = try BodyMembers(json: bytes)
///     let source = try body.required("source", "a language tag") { $0.string.flatMap(LanguageTag.init) }
///
/// Members with other names are ignored; one that is null counts as absent.
struct BodyMembers {
  private let members: JSONMembers
  /// Put before the names that errors tell: `simulate.`.
  private let prefix: String

  /// Reads a whole body.
  init(json: [UInt8]) throws(BodyError) {
    let members: JSONMembers?
    do throws(JSONError) {
      members = try json.withUnsafeBytes { bytes in
        Result { () throws(JSONError) in try JSONMembers(JSONReader(bytes)) }
      }.get()
    } catch {
      throw .notJSON(error)
    }
    guard let members else { throw .invalid(field: nil, "The body has to be a JSON object.") }
    self.init(members)
  }

  init(_ members: JSONMembers, prefix: String = "") {
    self.members = members
    self.prefix = prefix
  }

  /// - Parameter expected: completes the sentence `"name" has to be …`.
  func optional<Value>(
    _ name: String, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws(BodyError) -> Value? {
    switch members[name] {
    case nil, .null: return nil
    case let value?:
      guard let read = read(value) else { throw invalid(name, expected) }
      return read
    }
  }

  func required<Value>(_ name: String, _ expected: String, _ read: (JSONValue) -> Value?) throws(BodyError) -> Value {
    guard let value = try optional(name, expected, read) else { throw invalid(name, expected) }
    return value
  }

  /// The members of an object in this one.
  func object(_ name: String) throws(BodyError) -> BodyMembers? {
    try optional(name, "an object") { $0.object }.map { BodyMembers(JSONMembers($0), prefix: "\(prefix)\(name).") }
  }

  private func invalid(_ name: String, _ expected: String) -> BodyError {
    .invalid(field: prefix + name, "\"\(prefix)\(name)\" has to be \(expected).")
  }
}

extension JSONValue {
  /// A string of up to so many characters of Unicode.
  func string(upTo limit: Int) -> String? {
    string.flatMap { $0.utf8.count <= limit || $0.unicodeScalars.count <= limit ? $0 : nil }
  }

  /// A string of one line for people: up to so many characters of Unicode, none of them a control character.
  func line(upTo limit: Int) -> String? {
    string(upTo: limit).flatMap { text in
      text.unicodeScalars.contains { $0.properties.generalCategory == .control } ? nil : text
    }
  }

  func number(in range: ClosedRange<Double>) -> Double? {
    number.flatMap { range.contains($0) ? $0 : nil }
  }
}
