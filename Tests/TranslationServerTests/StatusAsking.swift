import EventStreamServer
import TestSupport
import TranslationServer

/// A suite that starts servers of one translation, and asks for its status.
protocol StatusAsking {}

extension StatusAsking {
  /// Starts a server with a job that takes `delay`; without one, a job that does not end in a test.
  func start(
    delay: Duration = .seconds(3600), steps: Int = 0, failure: String? = nil
  ) throws -> (server: TranslationServer, port: UInt16) {
    var configuration = TranslationServer.Configuration(port: 0)
    configuration.delay = delay
    configuration.steps = steps
    configuration.failure = failure
    let server = try TranslationServer(configuration)
    return (server, UInt16(try server.start().port))
  }

  func request(
    _ port: UInt16, _ method: String = "GET", _ target: String = "/status", accept: String? = nil,
    lastEventID: String? = nil
  ) async throws -> (client: RawClient, head: TestSupport.HTTPResponse) {
    let client = try await RawClient(port: port)
    var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
    if let accept { head += "Accept: \(accept)\r\n" }
    if let lastEventID { head += "Last-Event-ID: \(lastEventID)\r\n" }
    try await client.send(head + "\r\n")
    return (client, try await client.response(to: method))
  }
}
