import ArgumentParser
import Dispatch
import EventStreamServer
import Glibc
import Logging
import Synchronization
import ToolSupport
import TranslationServer

@main
struct Tool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tserver",
    abstract: "Tells how translations are getting on, as server-sent events.",
    discussion: """
      GET /status streams the status of one simulated translation: `pending` at once, `completed` when --delay is over. \
      The same URL answers with JSON (Accept: application/json) and, in a browser, with a live page.

        tserver --port 8000 --delay 15
        curl -N http://127.0.0.1:8000/status

      POST /translations adds others, whose status workers set with PUT /translations/ID/status; / shows all of them, \
      /metrics what the server does.

      Each option may also come from the environment: TSERVER_PORT for --port, TSERVER_MAX_CONNECTIONS for \
      --max-connections and so on.

      Without tokens everybody may read, and only this machine may publish. --subscribe-token-file, --publish-token-file, \
      --admin-token-file and --jwks-file change that. --tls-cert and --tls-key make it an https server. SIGHUP has all of \
      these files read again: streams of tokens that are gone end, others go on.

      Under systemd it takes the socket that is passed to it in place of --host and --port, tells when it is ready, and \
      keeps the watchdog informed.

      SIGINT and SIGTERM end every stream properly and then the process, with exit code 0: one stream after the other, so \
      that clients do not all come back at once. A second one ends it at once. Exit code 1 if it cannot start, 64 on wrong usage.
      """,
    version: "1.0.0")

  @OptionGroup var options: Options

  static func main() {
    TerminationSignals.ignoreBrokenPipes()
    raiseDescriptorLimit()
    Self.main(nil)
  }

  func run() throws {
    var settings = try options.settings()
    let manager = ServiceManager()
    if manager.listeningDescriptors.count > 1 {
      Output.notice("a service manager passed more than one socket; there can be one.", of: "tserver")
      throw ExitCode.failure
    }
    settings.server.http.listeningDescriptor = manager.listeningDescriptors.first
    let log = settings.logLevel.logger("tserver")
    // Before the line that tells that it is there: whoever reads that line may signal at once.
    let signals = AsyncSignals()
    let reload = Mutex<(@Sendable () -> Void)?>(nil)
    // Without files to read again it ends the process, as it does others when their terminal is closed. A service has none.
    let readsFiles = settings.server.access.hasTokens || settings.server.http.tls != nil
    TerminationSignals.handle(hangUp: readsFiles || manager.isListening) { number in
      if number == SIGHUP { return reload.withLock { $0 }?() ?? () }
      if signals.arrived() > 1 { ProcessEnd.now(128 + number) }
    }
    do {
      let accessLog = settings.logsAccess ? try AccessLog() : nil
      settings.server.onNotice = { Output.notice("\($0).", of: "tserver") }
      let server = try TranslationServer(settings.server)
      let address = try server.start { record in accessLog?.append(record) }
      reload.withLock { $0 = { options.reload(for: server) } }
      let url = "\(settings.server.http.tls == nil ? "http" : "https")://\(address)/status"
      Output.line("Listening on \(url)")
      if log.logLevel <= .warning { noteWhoPublishes(settings.server.access) }
      let watchdog = Watchdog(manager, server, at: url)
      ProgramText.release()
      signals.wait()
      watchdog.stopping()
      log.notice("draining", metadata: ["streams": "\(server.subscriberCount)"])
      server.stop(within: settings.grace)
      log.notice("stopped")
      accessLog?.flush(within: .seconds(1))
    } catch {
      Output.notice("\(error).", of: "tserver")
      throw ExitCode.failure
    }
  }

  private func noteWhoPublishes(_ access: Access) {
    guard access.publishesFromLoopbackOnly else { return }
    Output.notice(
      "without --publish-token-file, --admin-token-file or --jwks-file, only programs on this machine may publish: a proxy on it is one, unless it says for whom it asks (X-Forwarded-For, Forwarded, Via).",
      of: "tserver")
  }

  /// Each subscriber is a descriptor: take as many as the system gives.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
