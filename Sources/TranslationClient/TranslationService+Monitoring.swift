internal import EventStreamClient
internal import TranslationAPI

/// Many translations followed at once.
extension TranslationService {
  /// The statuses of these translations and each one after them, to loop over: ends after the last final one. Each
  /// update's `job` says whose it is. One connection serves a hundred translations.
  ///
  /// As `TranslationClient.monitor()` otherwise. Throws `refused` if the server does not know one of them, or not any
  /// more.
  public func monitor(_ ids: [String]) -> Updates {
    let connections = Self.parts(Set(ids).sorted()).map { ids in
      (
        monitored(APIPath.events + "?" + ids.map(Self.argument).joined(separator: "&")),
        UpdateReader.Scope.these(Set(ids))
      )
    }
    return Updates(of: monitors) { [monitors, comparesClocks, onState] in
      monitors.start { Monitor(connections, comparing: comparesClocks, onState: onState) }
    }
  }

  /// The same of all translations that there are and will be. Ends with `stopMonitoring`, or if the server says that
  /// there will be no more (204).
  ///
  /// The final status of one that has ended may come again after the server was restarted.
  public func monitorAll() -> Updates {
    let source = monitored(APIPath.events)
    return Updates(of: monitors) { [monitors, comparesClocks, onState] in
      monitors.start { Monitor([(source, .all)], comparing: comparesClocks, onState: onState) }
    }
  }

  /// Ends every loop over `monitor` and `monitorAll` that runs now, without an error.
  public func stopMonitoring() { monitors.stopAll() }
  /// The ids, so many to a request that it stays below what servers take of one: often 4 KB.
  private static func parts(_ ids: [String]) -> [[String]] {
    var parts: [[String]] = []
    var room = 0
    for id in ids {
      let size = argument(id).utf8.count + 1
      if room >= size, parts[parts.count - 1].count < 100 {
        parts[parts.count - 1].append(id)
        room -= size
      } else {
        parts.append([id])
        room = 3000 - size
      }
    }
    return parts
  }

  private static func argument(_ id: String) -> String { "id=\(id.inPath)" }
}
