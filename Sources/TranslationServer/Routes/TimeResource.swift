internal import EventStreamServer
internal import IOQueue
internal import TranslationAPI

/// The server's clock, for clients who want to know how far theirs is from it.
enum TimeResource {
  static func response(to request: HTTPRequest) -> HTTPResponse {
    let received = WallClock.now
    guard request.isReading else { return .notAllowed("GET, HEAD") }
    // Within a microsecond of each other; a step of the clock between them must not make them contradict.
    return .json(ServerTime(received: received, sent: max(received, WallClock.now)).json)
  }
}
