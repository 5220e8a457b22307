internal import ArgumentParser
package import Logging

/// The name of one of swift-log's levels.
package struct LogLevel: ExpressibleByArgument {
  package let level: Logger.Level

  package init(_ level: Logger.Level) { self.level = level }

  package init?(argument: String) {
    guard let level = Logger.Level(rawValue: argument) else { return nil }
    self.level = level
  }

  package static var allValueStrings: [String] { Logger.Level.allCases.map(\.rawValue) }
  package var defaultValueDescription: String { level.rawValue }

  /// A logger that writes to stderr.
  package func logger(_ label: String) -> Logger {
    var log = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
    log.logLevel = level
    return log
  }
}
