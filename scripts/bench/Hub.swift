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
        let path = request.path.utf8
        let name = String(decoding: path.dropFirst(5), as: UTF8.self)
        switch String(decoding: path.prefix(5), as: UTF8.self) {
        case "/sub/": return .events(topics[name], retry: nil)
        case "/pub/" where request.method == "POST":
          topics[name].publish(String(decoding: request.body, as: UTF8.self))
          return HTTPResponse(status: 202)
        default: return HTTPResponse(status: 404)
        }
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
  private let channels = Mutex<[String: EventChannel]>([:])

  init(_ hub: EventHub) { self.hub = hub }

  subscript(name: String) -> EventChannel {
    channels.withLock { channels in
      if let channel = channels[name] { return channel }
      let channel = hub.makeChannel()
      channels[name] = channel
      return channel
    }
  }
}
