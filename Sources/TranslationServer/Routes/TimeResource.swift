internal import IOQueue
internal import TranslationAPI

/// The server's clock, for clients who want to know how far theirs is from it.
enum TimeResource {
  static var now: ServerTime {
    let received = WallClock.now
    // Within a microsecond of each other; a step of the clock between them must not make them contradict.
    return ServerTime(received: received, sent: max(received, WallClock.now))
  }
}
