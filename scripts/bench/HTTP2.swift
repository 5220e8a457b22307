import Dispatch
import EventStream
import EventStreamClient
import Glibc
import Synchronization

extension Bench {
  /// Many streams of a translation and requests beside them, through a proxy that speaks HTTP/2, and that has a new
  /// configuration, and is killed, under them; and some on a connection that dies without a word. Ends the process with 1
  /// if an event or a request is lost.
  ///
  /// - Parameters:
  ///   - server: the URL that the server's paths follow.
  ///   - authority: of the proxy's certificate.
  ///   - reload: the command that gives the proxy a new configuration; `restart`: that kills it and starts another.
  ///   - relay: another URL of the proxy; `silence`: the command that has nothing pass there on the connections there are.
  static func http2(
    _ server: String, authority: String, reload: String, restart: String, relay: String, silence: String
  ) {
    let isOver = DispatchSemaphore(value: 0)
    Task.detached {
      await follow(server, authority, reload, restart)
      await leaveDead(server, authority, relay, silence)
      isOver.signal()
    }
    isOver.wait()
  }

  private static func follow(_ server: String, _ authority: String, _ reload: String, _ restart: String) async {
    let fleet = SharedFleet(server, authority)
    await fleet.submit()
    fleet.open(250)
    await fleet.report("250 streams, and ten updates by requests beside them", updates: 10)
    // More requests than nginx takes on one connection, 1,000, before it gives it up.
    await fleet.report("1,200 updates", updates: 1_200)
    fleet.close(125)
    await fleet.report("125 of them are cancelled, and the others go on", updates: 5)
    run(reload)
    await fleet.report("the proxy has a new configuration", updates: 5)
    fleet.open(20)
    await fleet.report("20 more, while it gives up the connection of the others", updates: 5)
    run(restart)
    // They come back when their time has come.
    await fleet.report("the proxy is killed, and started again", updates: 5, within: 30)
  }

  private static func leaveDead(_ server: String, _ authority: String, _ relay: String, _ silence: String) async {
    let fleet = SharedFleet(server, authority)
    await fleet.submit()
    fleet.open(20, at: relay, idleTimeout: .after(.seconds(3)))
    await fleet.report("20 streams through a relay", updates: 5)
    run(silence)
    // Before a response would be waited for in vain on the old connection, for 30 s.
    await fleet.report("the relay is silent to the connections there are", updates: 5, within: 15)
  }

  private static func run(_ command: String) {
    guard system(command) == 0 else { fatalError("\(command) failed") }
  }
}

/// Streams of one translation, which share connections, and their publisher.
// Sendable: the variables are the calling task's.
private final class SharedFleet: @unchecked Sendable {
  private let server: String
  private let authority: String
  private var path = ""
  private var published = 0
  private var streams: [(subscription: EventSource.Subscription, latest: Latest)] = []

  /// The number of the last update that a stream has brought.
  private final class Latest: Sendable {
    let number = Atomic(-1)
  }

  init(_ server: String, _ authority: String) {
    self.server = server
    self.authority = authority
  }

  private func source(_ path: String, at server: String? = nil) -> EventSource {
    var source = EventSource((server ?? self.server) + path, reconnection: .resilient)
    source.transport.certificateAuthorities = authority
    return source
  }

  private func ask(_ method: String, _ path: String, _ body: String) async -> String {
    var source = source(path)
    // The first attempt has to do.
    source.reconnection = .never
    var request = source.request
    request.method = method
    request.body = Array(body.utf8)
    request.set("Content-Type", "application/json")
    request.set("Idempotency-Key", path + body)
    do {
      return String(decoding: try await source.exchange(request).body, as: UTF8.self)
    } catch {
      fail("\(method) \(path): \(error)")
    }
  }

  func submit() async {
    let answer = await ask("POST", "/translations", #"{"source":"de","target":"en"}"#)
    guard let id = answer.firstMatch(of: /"id":"([^"]+)"/)?.1 else { fail(answer) }
    path = "/translations/\(id)/status"
  }

  func open(_ count: Int, at server: String? = nil, idleTimeout: IdleTimeout = .automatic) {
    var source = source(path, at: server)
    source.idleTimeout = idleTimeout
    for _ in 0..<count {
      let latest = Latest()
      let subscription = source.open(onEvent: { event, _ in
        guard let number = event.data.firstMatch(of: /"message":"(\d+)"/)?.1 else { return }
        latest.number.store(Int(number)!, ordering: .releasing)
      })
      streams.append((subscription, latest))
    }
  }

  func close(_ count: Int) {
    for stream in streams.prefix(count) { stream.subscription.cancel() }
    streams.removeFirst(count)
  }

  /// Publishes, and waits until every stream has the last of it: not for so many seconds.
  func report(_ what: String, updates: Int, within limit: Double = 3) async {
    for _ in 0..<updates {
      published += 1
      _ = await ask("PUT", path, #"{"status":"running","message":"\#(published)"}"#)
    }
    let watch = Stopwatch()
    while let behind = streams.firstIndex(where: { $0.latest.number.load(ordering: .acquiring) != published }) {
      if watch.seconds > limit {
        let number = streams[behind].latest.number.load(ordering: .acquiring)
        fail("\(what): stream \(behind) is at update \(number) of \(published)")
      }
      usleep(1000)
    }
    print("ok      \(what); the last stream was there after \(Int(watch.seconds * 1000)) ms")
  }

  private func fail(_ why: String) -> Never {
    print("FAILED  \(why)")
    exit(1)
  }
}
