/// A translation on a server: what it is, and its latest status.
public struct Translation: Sendable, Hashable {
  /// Names it on its server.
  public let id: String
  /// The language to translate from, as a BCP 47 tag.
  public let source: String
  /// The language to translate into, as a BCP 47 tag.
  public let target: String
  /// What it is called, for people; nil if it has no name.
  public let title: String?
  /// When the server took it on, in seconds since 1970. Always finite.
  public let created: Double
  /// Where its status is: a URL, or a path on the same server.
  public let statusURL: String
  /// Its status when the server answered.
  public let latest: StatusUpdate

  /// Traps if `created` is not finite.
  public init(
    id: String, source: String, target: String, title: String? = nil, created: Double, statusURL: String,
    latest: StatusUpdate
  ) {
    precondition(created.isFinite, "a translation is created in a finite number of seconds since 1970, not \(created)")
    self.id = id
    self.source = source
    self.target = target
    self.title = title
    self.created = created
    self.statusURL = statusURL
    self.latest = latest
  }

  /// `{"id":…,"source":…,"target":…,"title":…,"created":…,"status_url":…,"status":…,"timestamp":…}`, then `progress` and
  /// `message` if there are any.
  package var json: String {
    JSONWriter.object { object in
      object.member("id", id)
      object.member("source", source)
      object.member("target", target)
      object.member("title", title)
      object.member("created", created)
      object.member("status_url", statusURL)
      latest.writeStatus(to: &object)
    }
  }

  /// Nil if it is not one.
  package init?(json: [UInt8]) {
    guard let value = try? JSONValue(json: json) else { return nil }
    self.init(value)
  }

  init?(_ value: JSONValue) {
    guard var members = value.object, let id = members["id"]?.string, let source = members["source"]?.string,
      let target = members["target"]?.string, let statusURL = members["status_url"]?.string,
      // A number too large for a Double reads as infinity.
      let created = members["created"]?.number, created.isFinite
    else { return nil }
    members["job"] = .string(id)
    guard let latest = try? StatusUpdate(JSONMembers(members)) else { return nil }
    self.init(
      id: id, source: source, target: target, title: members["title"]?.string, created: created, statusURL: statusURL,
      latest: latest)
  }
}

/// One page of a server's translations.
package struct TranslationList: Sendable, Hashable {
  package var translations: [Translation]
  /// What to ask for the next page with; nil on the last.
  package var next: String?

  package init(translations: [Translation], next: String? = nil) {
    self.translations = translations
    self.next = next
  }

  package var json: String {
    JSONWriter.object { object in
      object.member("translations", json: "[\(translations.map(\.json).joined(separator: ","))]")
      object.member("next", next)
    }
  }

  /// Nil if it is not one.
  package init?(json: [UInt8]) {
    guard let members = (try? JSONValue(json: json))?.object, let list = members["translations"]?.array else {
      return nil
    }
    translations = list.compactMap(Translation.init)
    guard translations.count == list.count else { return nil }
    next = members["next"]?.string
  }
}
