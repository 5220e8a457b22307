internal import EventStreamClient
internal import IOQueue
internal import TranslationAPI

/// A server's clock as seen from here: compared when somebody begins to follow the server, and again from time to time
/// for as long as somebody does. One for all who follow the same server.
///
/// Safe from any thread.
final class ServerClock: Sendable {
  private struct State {
    var estimate = ClockEstimate()
    var comparing: Task<Void, Never>?
    /// When comparing last began anew.
    var begin: UInt64?
  }

  private let source: EventSource
  private let state = Locked(State())

  private init(_ source: EventSource) {
    self.source = source
  }

  deinit { state.withLock { $0.comparing }?.cancel() }

  // MARK: One for a server

  private static let known = Locked<[Server: Weak]>([:])

  /// The same URL may be another server's by another way.
  private struct Server: Hashable {
    let url: String
    let transport: EventSource.Transport

    /// - Returns: nil if the URL is none of the API's.
    init?(of source: EventSource) {
      guard let url = timeURL(for: source.request.url) else { return nil }
      self.url = url
      transport = source.transport
    }
  }

  private struct Weak: Sendable {
    weak var clock: ServerClock?
  }

  /// The clock of the server that a status is on.
  ///
  /// - Parameter source: how to reach the status.
  /// - Returns: nil if the URL is none of the API's, so that nothing is known of the server.
  static func of(_ source: EventSource) -> ServerClock? {
    guard let server = Server(of: source) else { return nil }
    var asking = source
    asking.request = .init(server.url, headers: source.request.headers)
    asking.request.set("Accept", "application/json")
    asking.reconnection = .never
    asking.maxEventBytes = 4096
    asking.responseTimeout = .seconds(5)
    return known.withLock { known in
      if let clock = known[server]?.clock { return clock }
      let clock = ServerClock(asking)
      if known.count > 64 { known = known.filter { $0.value.clock != nil } }
      known[server] = Weak(clock: clock)
      return clock
    }
  }

  /// The same without making one: nil unless the server is being followed.
  static func known(of source: EventSource) -> ServerClock? {
    Server(of: source).flatMap { server in known.withLock { $0[server]?.clock } }
  }

  /// Beside the resource that a status URL names: `/status`, `/translations/ID/status` and `/translations/events`, with
  /// whatever stands before.
  static func timeURL(for url: String) -> String? {
    var path = url.prefix { $0 != "?" && $0 != "#" }
    guard path.contains("://") else { return nil }
    if path.hasSuffix(APIPath.events) {
      path = path.dropLast(APIPath.events.count)
    } else {
      guard path.hasSuffix(APIPath.status) else { return nil }
      path = path.dropLast(APIPath.status.count)
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      if parts.count > 4, "/" + parts[parts.count - 2] == APIPath.translations {
        path = path.dropLast(parts[parts.count - 1].count + 1 + APIPath.translations.count)
      }
    }
    return String(path) + APIPath.time
  }

  // MARK: Comparing

  /// Begins to compare, or begins anew, since what follows the server has connected: perhaps to another machine.
  func begin() {
    let previous = state.withLock { state -> Task<Void, Never>? in
      let now = Monotonic.now
      state.estimate.beginAnew()
      // Many who connect at once are one reason.
      if let begin = state.begin, now &- begin < 1_000_000_000 { return nil }
      defer { state.comparing = compare(since: now) }
      state.begin = now
      return state.comparing
    }
    // Not under the lock: what its cancellation calls is the caller's.
    previous?.cancel()
  }

  private func compare(since begin: UInt64) -> Task<Void, Never> {
    Task.detached { [source, weak self] in
      var wait = Duration.seconds(1)
      var questions = 5
      while !Task.isCancelled {
        switch await Self.compare(source, questions) {
        case .comparisons(let comparisons):
          // What an earlier connection led to has no part in what this one does.
          self?.state.withLock { if $0.begin == begin { $0.estimate.add(comparisons) } }
        case .noClock: return
        case .noAnswer: break
        }
        do { try await EventSource.sleep(for: wait) } catch { return }
        guard self != nil else { return }
        wait = min(wait * 2, .seconds(64))
        questions = 3
      }
    }
  }

  private enum Outcome {
    case comparisons([ClockEstimate.Bounds])
    case noAnswer
    /// The server does not tell its time.
    case noClock
  }

  /// Asks so many times, one after the other; the connection is closed after the last, so that a server need not keep it.
  private static func compare(_ source: EventSource, _ questions: Int) async -> Outcome {
    var comparisons: [ClockEstimate.Bounds] = []
    for number in 1...questions {
      var request = source.request
      if number == questions { request.set("Connection", "close") }
      do throws(EventSourceError) {
        let answer = try await source.exchange(request)
        guard let time = ServerTime(json: answer.body) else { return .noClock }
        comparisons.append(
          ClockEstimate.Bounds(
            asked: seconds(answer.began), received: time.received, sent: time.sent, answered: seconds(answer.answered)))
      } catch {
        if case .unexpectedStatus(let response) = error, response.status < 500, response.status != 429 {
          return .noClock
        }
        return comparisons.isEmpty ? .noAnswer : .comparisons(comparisons)
      }
    }
    return .comparisons(comparisons)
  }

  /// How far the server's clock is ahead of the clock on this machine's wall now; nil while that is not known.
  var offset: ClockOffset? {
    let before = BootTime.now
    let wall = WallClock.now
    let after = BootTime.now
    return state.withLock {
      $0.estimate.offset(of: wall, readAfter: Self.seconds(before), andBefore: Self.seconds(after))
    }
  }

  private static func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e9 }
}
