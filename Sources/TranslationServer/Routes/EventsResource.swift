internal import EventStreamServer
internal import TranslationAPI

/// The statuses of many translations in one stream.
struct EventsResource {
  let table: JobTable
  let retry: Duration
  let grant: Grant

  func response(to request: HTTPRequest) -> HTTPResponse {
    guard request.isReading else { return .notAllowed("GET, HEAD") }
    guard Accept(request.fields.values(of: "Accept")).preferred(of: [EventStream.mediaType]) != nil else {
      return .problem(406, "This is an event stream: ask for text/event-stream in Accept.")
    }
    var channels: [EventChannel] = []
    var ids: Set<String> = []
    for id in Query(request.query).values(of: "id") where ids.insert(id).inserted {
      guard grant.covers(id) else { return .otherTranslation }
      switch table.find(id) {
      case .job(let job): channels.append(job.channel)
      case .gone: return .problem(410, "The translation \(id) has ended, and the time for which it was kept is over.")
      case .unknown: return .problem(404, "There is no translation \(id.prefix(40)).")
      }
    }
    if ids.isEmpty, let granted = grant.jobs {
      // All that it may see, of which some may be gone.
      for case .job(let job) in granted.sorted().map(table.find) { channels.append(job.channel) }
      if channels.isEmpty { return .problem(404, "None of the translations that the token is good for is there.") }
    } else if ids.isEmpty {
      return .events(table.hub, lastEventID: request.lastEventID, retry: retry)
    }
    return .events(channels, of: table.hub, lastEventID: request.lastEventID, retry: retry)
  }

  private enum EventStream: String {
    case mediaType = "text/event-stream"
  }
}
