import EventStream
import EventStreamClient
import EventStreamServer
import TestSupport

/// A server with one channel.
struct SecureServer {
  let server: HTTPServer
  let channel: EventChannel
  let port: Int
  private let scheme: String

  init(_ certificate: Certificate?, requestDeadline: Duration = .seconds(120)) throws {
    var configuration = HTTPServer.Configuration(port: 0)
    configuration.heartbeat = .zero
    configuration.shards = 2
    configuration.requestDeadline = requestDeadline
    configuration.tls = try certificate.map { try HTTPServer.TLS($0) }
    server = try HTTPServer(configuration)
    let channel = server.makeChannel(history: .init(events: 256, bytes: .max, eventsPerChannel: 256), epoch: "E")
    self.channel = channel
    scheme = certificate == nil ? "http" : "https"
    port = try server.start { .events(channel, lastEventID: $0.fields["Last-Event-ID"]) }.port
  }

  func source(host: String = "127.0.0.1", trusting authority: Certificate? = .authority) -> EventSource {
    var source = EventSource("\(scheme)://\(host):\(port)/", reconnection: .never)
    source.transport.certificateAuthorities = authority?.path
    return source
  }
}

/// All events of a stream until its end.
func read(_ source: EventSource) async -> ([String], EventSourceError?) {
  var seen: [String] = []
  do throws(EventSourceError) {
    for try await event in source.events() { seen.append("\(event.id) \(event.type) \(event.data)") }
    return (seen, nil)
  } catch {
    return (seen, error)
  }
}

extension HTTPServer.TLS {
  init(_ files: Certificate) throws { try self.init(certificate: files.bytes, key: files.key) }
}

extension HTTPServer {
  /// Returns when the server's state is so, looked at after every turn of its threads.
  func until(_ condition: (HTTPServer) -> Bool) async {
    while !condition(self), !Task.isCancelled {
      await withCheckedContinuation { continuation in whenAllAnswer { continuation.resume() } }
    }
  }
}
