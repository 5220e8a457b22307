extension StatusUpdate {
  /// `{"status":"pending","timestamp":1733752895.6343958}`, then `progress`, `message` and `job` if there are any.
  ///
  /// One line without spaces, so that it fits the data of one event; numbers have as many digits as it takes to read
  /// the same number back.
  public var json: String {
    JSONWriter.object { write(to: &$0) }
  }

  func write(to object: inout JSONWriter) {
    writeStatus(to: &object)
    object.member("job", job)
  }

  /// What stands in a translation too, which has its name elsewhere.
  func writeStatus(to object: inout JSONWriter) {
    object.member("status", status.rawValue)
    object.member("timestamp", timestamp)
    object.member("progress", progress)
    object.member("message", message)
  }

  /// Reads a JSON object (UTF-8, RFC 8259) that has at least `status` and `timestamp`.
  ///
  /// The order of the members is free, members with other names are ignored, and of members with the same name the last
  /// one counts. A `progress`, `message` or `job` of the wrong type, or a `progress` outside 0...1, counts as absent:
  /// what only adorns a status never costs it.
  public init(json: UnsafeRawBufferPointer) throws(DecodingError) {
    try self.init(Self.members(of: json))
  }

  static func members(of json: UnsafeRawBufferPointer) throws(DecodingError) -> JSONMembers {
    let members: JSONMembers?
    do throws(JSONError) {
      members = try JSONMembers(JSONReader(json), depth: 0)
    } catch {
      throw .notJSON(position: error.position, reason: error.reason)
    }
    guard let members else { throw .notAnObject }
    return members
  }

  /// Reads a JSON object as the initializer for a raw buffer does.
  public init(json: [UInt8]) throws(DecodingError) {
    self = try json.withUnsafeBytes { bytes in
      Result { () throws(DecodingError) in try StatusUpdate(json: bytes) }
    }.get()
  }

  /// Reads a JSON object as the initializer for a raw buffer does.
  public init(json: String) throws(DecodingError) {
    try self.init(json: Array(json.utf8))
  }

  /// Of members that were read already.
  init(_ members: JSONMembers) throws(DecodingError) {
    let status: TranslationStatus
    switch members["status"] {
    case .string(let word):
      guard let known = TranslationStatus(rawValue: word) else { throw .unknownStatus(word) }
      status = known
    case .some: throw .wrongType(of: "status", expected: "a string")
    case nil: throw .missing("status")
    }

    let timestamp: Double
    switch members["timestamp"] {
    // A number too large for a Double reads as infinity.
    case .number(let seconds) where seconds.isFinite: timestamp = seconds
    case .some: throw .wrongType(of: "timestamp", expected: "a finite number of seconds since 1970")
    case nil: throw .missing("timestamp")
    }

    self.init(
      status: status, timestamp: timestamp, progress: members["progress"]?.number(in: 0...1),
      message: members["message"]?.string, job: members["job"]?.string)
  }
}
