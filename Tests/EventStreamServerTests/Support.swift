import EventStreamServer
import IOQueue
import TestSupport
import Testing

/// TestSupport has one of the same name, for what a client got.
typealias Response = EventStreamServer.HTTPResponse

/// A running server with one channel at every path, whose ids begin with `E`.
struct Fixture {
  let server: HTTPServer
  let channel: EventChannel
  let port: UInt16
  let accesses = Recorder<AccessRecord>()

  init(
    _ configuration: HTTPServer.Configuration = fixtureConfiguration,
    history: EventHub.History = .init(events: 256, bytes: 262_144),
    handler: (@Sendable (HTTPRequest, EventChannel) -> Response)? = nil,
    screen: (@Sendable (HTTPRequest) -> Response?)? = nil
  ) throws {
    server = try HTTPServer(configuration)
    let channel = server.makeChannel(history: history, epoch: "E")
    self.channel = channel
    let accesses = accesses
    port = UInt16(
      try server.start(onAccess: { accesses.append($0) }, screen: screen ?? { _ in nil }) { request in
        handler?(request, channel) ?? .events(channel, lastEventID: request.fields["Last-Event-ID"])
      }.port)
  }

  /// A client that has sent a request.
  func client(
    _ method: String = "GET", _ target: String = "/", version: String = "HTTP/1.1", fields: String = "",
    receiveBuffer: Int32? = nil, reading: Bool = true
  ) async throws -> RawClient {
    let client = try await RawClient(port: port, receiveBuffer: receiveBuffer, reading: reading)
    try await client.send("\(method) \(target) \(version)\r\nHost: a\r\n\(fields)\r\n")
    return client
  }

  /// A client whose stream is open.
  func subscriber(
    lastEventID: String? = nil, receiveBuffer: Int32? = nil, by way: StreamWay = .alone
  ) async throws -> RawClient {
    let client = try await client(
      fields: way.accept + (lastEventID.map { "Last-Event-ID: \($0)\r\n" } ?? ""), receiveBuffer: receiveBuffer)
    #expect(try await client.response().status == 200)
    return client
  }

  /// Returns when the server's state is so, looked at after every turn of its queues.
  func until(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { await server.turn() }
  }
}

/// Who reads the request for a stream, and who writes it.
enum StreamWay: CaseIterable {
  /// The server itself does both: the request says that an event stream is wanted.
  case alone
  /// libmicrohttpd reads the request.
  case takenOver
  /// libmicrohttpd does both.
  case plain

  var writesDirectly: Bool { self != .plain }
  var accept: String { self == .alone ? "Accept: text/event-stream\r\n" : "" }

  var configuration: HTTPServer.Configuration { configured { $0.writesDirectly = writesDirectly } }
}

extension HTTPServer {
  /// Returns when what was handed to its queues before is done, and what that brought about: an event that was published
  /// has subscribers looked for, and is sent to them after that.
  func turn() async {
    for _ in 1...3 {
      for queue in queues {
        await withCheckedContinuation { continuation in queue.perform { continuation.resume() } }
      }
    }
  }
}

/// On a port that the system chooses, and with nothing that happens after some time.
let fixtureConfiguration: HTTPServer.Configuration = {
  var configuration = HTTPServer.Configuration(port: 0)
  configuration.heartbeat = .zero
  configuration.requestDeadline = .seconds(120)
  return configuration
}()

func configured(_ change: (inout HTTPServer.Configuration) -> Void) -> HTTPServer.Configuration {
  var configuration = fixtureConfiguration
  change(&configuration)
  return configuration
}

/// What a subscriber gets first, in one block with the event that is there already.
let retry = "retry: 2000\n"
/// The same when there is none: an id to resume from.
let retryAlone = retryAndID(0)
func retryAndID(_ number: Int) -> String { "retry: 2000\nid: E-\(number)\n\n" }

func frame(_ number: Int, _ data: String) -> String { "id: E-\(number)\ndata: \(data)\n\n" }
