/// The members of a request's JSON body, each asked for by name and judged.
///
///     let body = try RequestBody(json: bytes)
///     let source = try body.required("source", LanguageTag.sentence) { $0.string.flatMap(LanguageTag.init) }
///
/// Members with other names are ignored; one that is null counts as absent.
struct RequestBody {
  private let members: [String: JSONValue]
  /// Put before the names that errors tell: `simulate.`.
  private let prefix: String

  init(json: [UInt8]) throws(BodyError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(json: json)
    } catch {
      throw .notJSON(error)
    }
    try self.init(value)
  }

  init(_ value: JSONValue) throws(BodyError) {
    guard let members = value.object else { throw .invalid(field: nil, "The body has to be a JSON object.") }
    self.init(members)
  }

  private init(_ members: [String: JSONValue], prefix: String = "") {
    self.members = members.filter { $0.value != .null }
    self.prefix = prefix
  }

  /// - Parameter expected: completes the sentence `"name" has to be …`.
  func optional<Value>(
    _ name: String, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws(BodyError) -> Value? {
    guard let value = members[name] else { return nil }
    guard let read = read(value) else { throw invalid(name, expected) }
    return read
  }

  func required<Value>(_ name: String, _ expected: String, _ read: (JSONValue) -> Value?) throws(BodyError) -> Value {
    guard let value = try optional(name, expected, read) else { throw invalid(name, expected) }
    return value
  }

  /// The members of an object in this one.
  func object(_ name: String) throws(BodyError) -> RequestBody? {
    try optional(name, "an object") { $0.object }.map { RequestBody($0, prefix: "\(prefix)\(name).") }
  }

  func invalid(_ name: String, _ expected: String) -> BodyError {
    .invalid(field: prefix + name, "\"\(prefix)\(name)\" has to be \(expected).")
  }
}

extension JSONValue {
  /// A string for people: up to so many characters of Unicode, none of them a control character.
  func text(upTo limit: Int) -> String? {
    guard let string, string.unicodeScalars.count <= limit else { return nil }
    return string.unicodeScalars.contains { $0.properties.generalCategory == .control } ? nil : string
  }

  func number(in range: ClosedRange<Double>) -> Double? {
    number.flatMap { range.contains($0) ? $0 : nil }
  }
}
