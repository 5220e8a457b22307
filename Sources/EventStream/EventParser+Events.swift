extension EventParser {
  /// The events of a whole stream that is in memory already. An event too many bytes long for it is not a danger there,
  /// so no limit holds.
  public static func events(in bytes: [UInt8], lastEventID: String = "") -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    var parser = EventParser(lastEventID: lastEventID, maxEventBytes: .max)
    bytes.withUnsafeBytes { chunk in
      // Never thrown: no array is larger than the limit.
      try? parser.feed(chunk) { item in
        switch item {
        case .event(let event): events.append(ServerSentEvent(event))
        default: break
        }
      }
    }
    return events
  }
}
