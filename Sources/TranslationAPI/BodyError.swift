/// Why the body of a request is not what it has to be.
package enum BodyError: Error, Sendable, Hashable {
  /// It is not JSON.
  case notJSON(JSONError)
  /// It is JSON, and one of its members is not what it has to be; without a name, the whole is not.
  case invalid(field: String?, String)

  /// What a server answers to it.
  package var problem: Problem {
    switch self {
    case .notJSON(let error):
      Problem(status: 400, detail: "The body is not JSON: \(error.description).", position: error.position)
    case .invalid(let field, let sentence):
      Problem(status: 422, detail: sentence, field: field)
    }
  }
}
