import EventStreamServer
import Glibc
import Synchronization

extension Bench {
  /// A hub as bare as the peers': `GET /sub/TOPIC` follows a topic, `POST /pub/TOPIC` sends its body to who does.
  ///
  /// - Parameter shards: 0 for as many as there are processors.
  static func hub(port: Int, shards: Int) {
    var configuration = HTTPServer.Configuration(port: port)
    configuration.maxConnections = 20_000
    configuration.heartbeat = .zero
    configuration.shards = shards == 0 ? nil : shards
    do {
      let server = try HTTPServer(configuration)
      let topics = Topics(server.makeHub())
      let address = try server.start { request in
        let path = request.path
        if path.hasPrefix("/sub/") { return .events(topics[path.dropFirst(5)], retry: nil) }
        guard path.hasPrefix("/pub/"), request.method == "POST" else { return HTTPResponse(status: 404) }
        topics[path.dropFirst(5)].publish(String(decoding: request.body, as: UTF8.self))
        return HTTPResponse(status: 202)
      }
      print(address.port)
      fflush(nil)
    } catch {
      fatalError("\(error)")
    }
    while true { pause() }
  }
}

/// The channels by name, made when somebody first asks for them.
private final class Topics: Sendable {
  private let hub: EventHub
  private let channels = Mutex<[Substring: EventChannel]>([:])

  init(_ hub: EventHub) { self.hub = hub }

  subscript(name: Substring) -> EventChannel {
    channels.withLock { channels in
      if let channel = channels[name] { return channel }
      let channel = hub.makeChannel()
      channels[name] = channel
      return channel
    }
  }
}
