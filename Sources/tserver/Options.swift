import ArgumentParser
import EventStreamServer
import Glibc
import Logging
import ToolSupport
import TranslationServer

/// The command line, over the environment, over the defaults.
struct Options: ParsableArguments {
  @Option(help: "The address or name to listen on; :: for every address of the machine. (default: 127.0.0.1)")
  var host: String?

  @Option(parsing: .unconditional, help: "The port; 0 takes a free one. (default: 8000)")
  var port: Int?

  @Option(parsing: .unconditional, help: "How many seconds the translation takes. (default: 15)")
  var delay: Double?

  @Option(parsing: .unconditional, help: "How many reports of progress come on the way. (default: 0)")
  var steps: Int?

  @Option(help: "Let the translation fail in the end, with this message.")
  var fail: String?

  @Option(parsing: .unconditional, help: "Seconds between two heartbeats on a silent stream; 0 for none. (default: 15)")
  var heartbeat: Double?

  @Option(
    parsing: .unconditional, help: "Milliseconds that clients are told to wait before they reconnect. (default: 2000)")
  var retry: Int?

  @Option(parsing: .unconditional, help: "How many connections are served; more get 503. (default: 10000)")
  var maxConnections: Int?

  @Option(
    parsing: .unconditional,
    help: "How many connections one address, or /64 of IPv6, may have; more get 429. (default: no limit)")
  var maxConnectionsPerAddress: Int?

  @Option(
    parsing: .unconditional, help: "Parts that work side by side, 1 to 64. (default: as many as there are processors)")
  var shards: Int?

  @Option(
    parsing: .unconditional,
    help: "How many translations are kept, the finished ones too; more get 503. (default: 100000)")
  var maxJobs: Int?

  @Option(parsing: .unconditional, help: "Seconds that a finished translation is kept. (default: 3600)")
  var retention: Double?

  @Option(help: "A file that keeps translations over a restart. (default: none)")
  var journal: String?

  @Option(
    parsing: .unconditional,
    help: "How many updates of one translation are kept for clients who come back. (default: 64)")
  var history: Int?

  @Option(
    parsing: .unconditional,
    help: "How many clients a second a shutdown lets go; 0 lets all go at once. (default: 1000)")
  var drainRate: Double?

  @Option(parsing: .unconditional, help: "Seconds that a shutdown waits for clients that do not read. (default: 5)")
  var grace: Double?

  @Flag(inversion: .prefixedNo, help: "Write a line for each request to standard output. (default: --access-log)")
  var accessLog: Bool?

  @Option(help: "What to log on stderr.")
  var logLevel: LogLevel?

  @OptionGroup(title: "TLS") var tls: TLSOptions

  @OptionGroup(title: "Access") var access: AccessOptions

  /// What the options come to.
  struct Settings {
    var server: TranslationServer.Configuration
    var grace: Duration
    var logsAccess: Bool
    var logLevel: LogLevel
  }

  /// To be asked when the tool runs, not when it parses: on a mistake in the environment of a command line without
  /// arguments the parser would print the whole help.
  func settings() throws -> Settings {
    var server = TranslationServer.Configuration()
    server.http.host = try value(host, "host") ?? server.http.host
    server.http.port = try value(port, "port", "a port from 0 to 65535") { 0...65535 ~= $0 } ?? server.http.port
    server.delay = try duration(delay, "delay") ?? server.delay
    server.steps = try value(steps, "steps", "a number from 0 to 10000") { 0...10_000 ~= $0 } ?? server.steps
    server.failure = try value(fail, "fail")
    server.http.heartbeat = try duration(heartbeat, "heartbeat") ?? server.http.heartbeat
    let retry = try value(retry, "retry", "from 0 to 86400000 milliseconds") { 0...86_400_000 ~= $0 }
    server.retry = retry.map { .milliseconds($0) } ?? server.retry
    let connections = try value(maxConnections, "max-connections", "a number from 1 to 10000000") {
      1...10_000_000 ~= $0
    }
    server.http.maxConnections = connections ?? server.http.maxConnections
    server.http.maxConnectionsPerAddress = try value(
      maxConnectionsPerAddress, "max-connections-per-address", "a number from 1 to 10000000"
    ) { 1...10_000_000 ~= $0 }
    server.http.shards = try value(shards, "shards", "a number from 1 to 64") { 1...64 ~= $0 }
    server.maxJobs =
      try value(maxJobs, "max-jobs", "a number from 1 to 10000000") { 1...10_000_000 ~= $0 } ?? server.maxJobs
    server.retention = try duration(retention, "retention") ?? server.retention
    server.history.eventsPerChannel =
      try value(history, "history", "a number from 1 to 10000") { 1...10_000 ~= $0 } ?? server.history.eventsPerChannel
    server.journal = try value(journal, "journal")
    if let rate = try value(drainRate, "drain-rate", "from 0 to 1000000000 clients a second", where: { 0...1e9 ~= $0 })
    {
      server.reconnectionRate = rate > 0 ? rate : nil
    }
    server.http.maxBody = try access.bodyLimit() ?? server.http.maxBody
    server.http.tls = try tls.settings()
    server.access = try access.settings()
    return Settings(
      server: server, grace: try duration(grace, "grace") ?? .seconds(5),
      logsAccess: try value(accessLog, "access-log", "true or false") ?? true,
      logLevel: try value(logLevel, "log-level") ?? LogLevel(.warning))
  }

  /// Takes the files as they are now.
  func reload(for server: TranslationServer) {
    access.reload(for: server)
    tls.reload(for: server)
  }

  private func duration(_ given: Double?, _ name: String) throws -> Duration? {
    // NaN fails every comparison, infinity this one.
    try value(given, name, "from 0 to 1000000000 seconds") { $0 >= 0 && $0 <= 1e9 }.map { .seconds($0) }
  }
}

extension ParsableArguments {
  /// The option's value or, if it was not given, that of the environment.
  func value<Value: ExpressibleByArgument>(
    _ given: Value?, _ name: String, _ expected: String = "a valid value",
    where isValid: (Value) -> Bool = { _ in true }
  ) throws -> Value? {
    let variable = "TSERVER_" + name.uppercased().replacing("-", with: "_")
    var (value, origin) = (given, "--\(name)")
    if given == nil, let text = getenv(variable).map({ String(cString: $0) }), !text.isEmpty {
      origin = variable
      value = Value(argument: text)
      guard value != nil else { throw ValidationError("\(origin) has to be \(expected), not '\(text)'.") }
    }
    guard let value else { return nil }
    guard isValid(value) else { throw ValidationError("\(origin) has to be \(expected), not '\(value)'.") }
    return value
  }
}
