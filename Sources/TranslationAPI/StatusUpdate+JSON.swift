extension StatusUpdate {
  /// `{"status":"pending","timestamp":1733752895.6343958}`, then `progress`, `message` and `job` if there are any.
  ///
  /// One line without spaces, so that it fits the data of one event; numbers have as many digits as it takes to read
  /// the same number back.
  public var json: String {
    JSONWriter.object { write(to: &$0) }
  }

  func write(to object: inout JSONWriter) {
    object.member("status", status.rawValue)
    object.member("timestamp", timestamp)
    object.member("progress", progress)
    object.member("message", message)
    object.member("job", job)
  }

  /// Reads a JSON object (UTF-8, RFC 8259) that has at least `status` and `timestamp`.
  ///
  /// The order of the members is free, members with other names are ignored, and of members with the same name the last
  /// one counts. A `progress`, `message` or `job` of the wrong type, or a `progress` outside 0...1, counts as absent:
  /// what only adorns a status never costs it.
  public init(json: UnsafeRawBufferPointer) throws(DecodingError) {
    let members: Members
    do throws(JSONError) {
      members = try Members(JSONReader(json))
    } catch {
      throw .notJSON(position: error.position, reason: error.reason)
    }
    try self.init(members)
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

  /// First the text is read to its end and what may matter is kept; only then it is judged, so that the last of several
  /// members with one name counts, and a text that isn't JSON is called just that.
  private struct Members {
    /// What of the value matters.
    typealias Value = JSONValue

    var isObject = false
    var status: Value?
    var timestamp: Value?
    var progress: Value?
    var message: Value?
    var job: Value?

    init() {}

    init(_ json: JSONReader) throws(JSONError) {
      var reader = json
      isObject = try reader.kind() == .object
      if isObject {
        try reader.beginObject()
        while let key = try reader.nextKey() {
          let value = try Self.value(&reader)
          switch key {
          case "status": status = value
          case "timestamp": timestamp = value
          case "progress": progress = value
          case "message": message = value
          case "job": job = value
          default: break
          }
        }
      } else {
        try reader.skip()
      }
      try reader.end()
    }

    private static func value(_ reader: inout JSONReader) throws(JSONError) -> Value {
      switch try reader.kind() {
      case .string: return .string(try reader.string())
      case .number: return .number(try reader.number())
      default:
        try reader.skip()
        return .null
      }
    }
  }

  /// Of members that were read already.
  init(members: [String: JSONValue], job: String?) throws(DecodingError) {
    var read = Members()
    read.isObject = true
    read.status = members["status"]
    read.timestamp = members["timestamp"]
    read.progress = members["progress"]
    read.message = members["message"]
    read.job = job.map { .string($0) }
    try self.init(read)
  }

  private init(_ members: Members) throws(DecodingError) {
    guard members.isObject else { throw .notAnObject }

    let status: TranslationStatus
    switch members.status {
    case .string(let word):
      guard let known = TranslationStatus(rawValue: word) else { throw .unknownStatus(word) }
      status = known
    case .some: throw .wrongType(of: "status", expected: "a string")
    case nil: throw .missing("status")
    }

    let timestamp: Double
    switch members.timestamp {
    // A number too large for a Double reads as infinity.
    case .number(let seconds) where seconds.isFinite: timestamp = seconds
    case .some: throw .wrongType(of: "timestamp", expected: "a finite number of seconds since 1970")
    case nil: throw .missing("timestamp")
    }

    var progress: Double?
    if case .number(let part) = members.progress, (0...1).contains(part) { progress = part }
    var message: String?
    if case .string(let words) = members.message { message = words }
    var job: String?
    if case .string(let name) = members.job { job = name }
    self.init(status: status, timestamp: timestamp, progress: progress, message: message, job: job)
  }
}
