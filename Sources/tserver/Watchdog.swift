import ToolSupport
import TranslationServer

/// Tells the service manager that the server is there and works, and how many streams it has.
///
/// Any thread.
final class Watchdog: Sendable {
  private let manager: ServiceManager
  private let server: TranslationServer
  private let ticker: Ticker?

  /// Tells that the server is ready.
  init(_ manager: ServiceManager, _ server: TranslationServer, at address: String) {
    self.manager = manager
    self.server = server
    manager.notify("READY=1", "STATUS=Listening on \(address)")
    // "It is recommended that a daemon sends a keep-alive notification message to the service manager every half of the
    // time returned here" (sd_watchdog_enabled(3)). Without a watchdog the status alone is worth a message now and then.
    let watchdog = manager.watchdog
    guard manager.isListening else {
      ticker = nil
      return
    }
    ticker = Ticker(every: watchdog.map { $0 / 2 } ?? .seconds(10)) {
      // Only a server whose threads all get round to it is alive.
      server.whenAllAnswer {
        let status = "STATUS=Listening on \(address), \(server.subscriberCount) streams"
        if watchdog == nil { manager.notify(status) } else { manager.notify("WATCHDOG=1", status) }
      }
    }
  }

  /// Tells that the server ends.
  func stopping() {
    manager.notify("STOPPING=1", "STATUS=Ending \(server.subscriberCount) streams")
  }
}
