/// The members of one JSON object, to be asked for by name. Of members with one name the last counts.
///
///     let members = try JSONMembers(JSONReader(bytes))    // nil if the text is no object
///     members?["status"]?.string
///
/// A list, as an object has few members and each is asked for once: that costs less than to hash their names.
struct JSONMembers {
  private var list: [(name: String, value: JSONValue)] = []

  /// Reads a whole text; nil if it is JSON but no object. A text that is not JSON is called just that, whatever its
  /// members are.
  /// - Parameter depth: How deep the objects and arrays are kept that stand in the members. A deeper one is checked as
  ///   strictly but never made: it reads as an empty one.
  init?(_ json: JSONReader, depth: Int = JSONReader.maximumDepth) throws(JSONError) {
    var reader = json
    let isObject = try reader.kind() == .object
    if isObject {
      list.reserveCapacity(8)
      try reader.beginObject()
      while let name = try reader.nextKey() { list.append((name, try JSONValue(&reader, depth: depth))) }
    } else {
      try reader.skip()
    }
    try reader.end()
    if !isObject { return nil }
  }

  /// Members that were read already.
  init(_ members: [String: JSONValue]) {
    list = members.map { ($0.key, $0.value) }
  }

  subscript(name: String) -> JSONValue? { list.last { $0.name == name }?.value }
}
