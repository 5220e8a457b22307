/// A status as the server has it now, with the id under which it was told.
public struct PublishedUpdate: Sendable, Hashable {
  /// The id of its event, which a worker can make the condition of its next change.
  public let id: String
  /// The status itself.
  public let update: StatusUpdate

  /// A status under an id; clients get theirs from a server.
  public init(id: String, update: StatusUpdate) {
    self.id = id
    self.update = update
  }

  /// The update's members after `id`.
  package var json: String {
    JSONWriter.object { object in
      object.member("id", id)
      update.write(to: &object)
    }
  }

  /// Nil if it is not one.
  package init?(json: [UInt8]) {
    guard let value = try? JSONValue(json: json) else { return nil }
    self.init(value)
  }

  package init?(_ value: JSONValue) {
    guard let members = value.object, let id = members["id"]?.string,
      let update = try? StatusUpdate(JSONMembers(members))
    else { return nil }
    self.init(id: id, update: update)
  }
}
