import EventStreamLoad
import EventStreamServer
import Synchronization
import TestSupport

/// A hub with a channel for each topic: `GET /sub/N`, `POST /pub/N`.
struct Hub {
  let server: HTTPServer
  let port: Int
  let published = Recorder<String>()

  init() throws {
    var configuration = HTTPServer.Configuration(port: 0)
    configuration.heartbeat = .zero
    let server = try HTTPServer(configuration)
    let channels = (0..<4).map { _ in server.makeChannel() }
    let published = published
    port = try server.start { request in
      guard let digit = request.path.last?.wholeNumberValue, digit < 4 else { return HTTPResponse(status: 404) }
      if request.path.hasPrefix("/sub/") { return .events(channels[digit]) }
      let body = String(decoding: request.body, as: UTF8.self)
      published.append(body)
      channels[digit].publish(body)
      return HTTPResponse(status: 202)
    }.port
    self.server = server
  }

  var url: String { "http://127.0.0.1:\(port)" }
}

/// A suite that runs loads, ended by what they have seen and not by their time.
protocol Loading {}

extension Loading {
  /// Runs a load until `isEnough`, and gives its report.
  func run(
    _ plan: LoadPlan, until isEnough: @escaping @Sendable (LoadProgress) -> Bool = { _ in false }
  ) async throws -> LoadReport {
    let reports = Recorder<LoadReport>()
    let running = Mutex<Load?>(nil)
    let load = try Load(
      plan, onProgress: { if isEnough($0) { running.withLock { $0 }?.stop() } }, onEnd: { reports.append($0) })
    running.withLock { $0 = load }
    // The load keeps its closures.
    defer { running.withLock { $0 = nil } }
    load.begin()
    return try await reports.wait(count: 1)[0]
  }

  func plan(_ url: String, _ subscribers: Int, _ change: (inout LoadPlan) -> Void = { _ in }) -> LoadPlan {
    var plan = LoadPlan(url: url)
    plan.subscribers = subscribers
    plan.settle = .zero
    // The tests end their loads themselves.
    plan.duration = .seconds(120)
    change(&plan)
    return plan
  }
}
