internal import TranslationAPI

extension Journal.Record {
  var json: String {
    switch self {
    case .made(let id, let created, let new, let key):
      JSONWriter.object { object in
        object.member("made", id)
        object.member("created", created)
        object.member("key", key)
        object.member("translation", json: new.json)
      }
    case .status(let update): update.json
    case .removed(let id): JSONWriter.object { $0.member("removed", id) }
    }
  }

  init?(json: [UInt8]) {
    guard let members = (try? JSONValue(json: json))?.object else { return nil }
    if let id = members["removed"]?.string {
      self = .removed(id: id)
    } else if let id = members["made"]?.string {
      guard let created = members["created"]?.number, created.isFinite, let value = members["translation"],
        let new = NewTranslation(value)
      else { return nil }
      self = .made(id: id, created: created, new, idempotencyKey: members["key"]?.string)
    } else {
      guard let update = try? StatusUpdate(json: json), update.job != nil else { return nil }
      self = .status(update)
    }
  }

  /// Whether a line may be the beginning of a record's, and the rest was not written.
  static func mayBeginWith(_ line: ArraySlice<UInt8>) -> Bool {
    [#"{"made":""#, #"{"status":""#, #"{"removed":""#].contains { beginning in
      line.starts(with: beginning.utf8) || beginning.utf8.starts(with: line)
    }
  }
}
