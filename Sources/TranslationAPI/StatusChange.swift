/// What a worker says of a translation: its new status.
///
///     try await service.publish(StatusChange(status: .running, progress: 0.25, message: "page 1 of 4"), to: id)
public struct StatusChange: Sendable, Hashable {
  /// `pending`, `running`, `completed` or `error`: it is not a worker's to say that a translation is cancelled.
  public var status: TranslationStatus
  /// The part that is done, in 0...1; nil leaves it as it is.
  public var progress: Double?
  /// Words for a person, up to 1,000 characters: why it failed, what it is at.
  public var message: String?

  /// Values that a server would refuse (422) are not refused here, nor is a progress that is no number, which cannot be sent.
  public init(status: TranslationStatus, progress: Double? = nil, message: String? = nil) {
    self.status = status
    self.progress = progress
    self.message = message
  }

  package var json: String {
    JSONWriter.object { write(to: &$0) }
  }

  package init(json: [UInt8]) throws(BodyError) {
    try self.init(BodyMembers(json: json))
  }

  fileprivate func write(to object: inout JSONWriter) {
    object.member("status", status.rawValue)
    object.member("progress", progress)
    object.member("message", message)
  }

  fileprivate init(_ body: BodyMembers) throws(BodyError) {
    status = try body.required("status", "one of pending, running, completed, error") { value in
      value.string.flatMap(TranslationStatus.init).flatMap { $0 == .cancelled ? nil : $0 }
    }
    progress = try body.optional("progress", "a number from 0 to 1") { $0.number(in: 0...1) }
    message = try body.optional("message", "a string of up to 1000 characters") { $0.string(upTo: 1000) }
  }
}

/// One of many changes in one request: a line of it.
package struct BatchChange: Sendable, Hashable {
  /// The translation's id.
  package var job: String
  package var change: StatusChange
  /// The id of the status that it is to follow, if that matters.
  package var ifMatch: String?

  package init(job: String, change: StatusChange, ifMatch: String? = nil) {
    self.job = job
    self.change = change
    self.ifMatch = ifMatch
  }

  package var json: String {
    JSONWriter.object { object in
      object.member("job", job)
      change.write(to: &object)
      object.member("if_match", ifMatch)
    }
  }

  package init(json: [UInt8]) throws(BodyError) {
    let body = try BodyMembers(json: json)
    job = try body.required("job", "the id of a translation") { $0.string }
    change = try StatusChange(body)
    ifMatch = try body.optional("if_match", "the id of a status") { $0.string }
  }
}

/// What became of one of many changes: a line of the answer.
package struct BatchAnswer: Sendable, Hashable {
  /// The line of the request, from 1.
  package var line: Int
  /// Nil if the line did not say.
  package var job: String?
  /// The id of the translation's status now, or what was wrong.
  package var result: Result<String, Problem>

  package init(line: Int, job: String?, result: Result<String, Problem>) {
    self.line = line
    self.job = job
    self.result = result
  }

  package var json: String {
    JSONWriter.object { object in
      object.member("line", line)
      switch result {
      case .success(let id):
        object.member("code", 200)
        object.member("job", job)
        object.member("id", id)
      case .failure(let problem):
        object.member("code", problem.status)
        object.member("job", job)
        object.member("problem", json: problem.json)
      }
    }
  }

  /// Nil if it is not such a line.
  package init?(json: [UInt8]) {
    guard let members = (try? JSONValue(json: json))?.object,
      let line = members["line"]?.number.flatMap({ Int(exactly: $0) })
    else { return nil }
    self.line = line
    job = members["job"]?.string
    if let id = members["id"]?.string {
      result = .success(id)
    } else if let problem = members["problem"].flatMap(Problem.init) {
      result = .failure(problem)
    } else {
      return nil
    }
  }
}
