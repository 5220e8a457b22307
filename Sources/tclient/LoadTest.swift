import ArgumentParser
import Dispatch
import EventStreamClient
import EventStreamLoad
import Glibc
import Synchronization
import ToolSupport

struct LoadTest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Puts an event stream server under load, and measures it.",
    discussion: """
      Any server of event streams over http. All subscribers connect, then there is a pause, then the measurement; \
      {n} in a URL or a body is the topic, from 0.

        tclient load http://127.0.0.1:8000/status -n 10000 --server-pid $(pidof tserver)
        tclient load http://127.0.0.1:8080/sub/{n} -n 5000 --topics 100 \\
          --publish-url http://127.0.0.1:8080/pub/{n} --body '{"timestamp":{time}}' --rate 500

      Latency is from the time that an event's data tells (--timestamp-key; {time} in a published body) to its being read \
      here, by the wall clock. A publisher keeps --window events on their way to all of their subscribers, or sends --rate \
      a second; then times count from when an event was due, so that a server that stops to answer does not stop the clock. \
      While thousands of events come at a time, what has come is read every 0.3 ms: by so much a latency may be too long.

      With --json the result is one object: sizes in bytes, times in seconds.

      Exit codes: 0 all subscribers got and kept their streams, 1 some did not, 69 none did; 130 Ctrl-C, \
      143 SIGTERM, after the result up to then.
      """)

  @Argument(help: "What to subscribe to: an http URL.")
  var url: String

  @Option(name: [.customShort("n"), .long], parsing: .unconditional, help: "How many subscribers.")
  var subscribers = 1000

  @Option(parsing: .unconditional, help: "How many topics {n} goes through. Default: as many as subscribers.")
  var topics: Int?

  @Option(name: [.customShort("H"), .long], help: "A header field to send, 'Name: value'. May be given again.")
  var header: [HeaderArgument] = []

  @Option(help: BearerToken.help)
  var tokenFile: String?

  @Option(parsing: .unconditional, help: "How many may be connecting at a time.")
  var connecting = 128

  @Option(parsing: .unconditional, help: "Seconds over which connects are spread.")
  var ramp = 0.0

  @Option(parsing: .unconditional, help: "Seconds between the last connect and the measurement.")
  var settle = 1.0

  @Option(parsing: .unconditional, help: "Seconds of measurement.")
  var duration = 10.0

  @Option(parsing: .unconditional, help: "How many of the subscribers read nothing once their stream is open.")
  var stalled = 0

  @Option(help: "The member of an event's data that tells when it came about, in seconds since 1970.")
  var timestampKey = "timestamp"

  @Option(help: "Where to publish.")
  var publishUrl: String?

  @Option(help: "The method to publish with.")
  var publishMethod = "POST"

  @Option(help: "The body to publish, with {time}, {n} and {sequence} filled in.")
  var body = #"{"timestamp":{time}}"#

  @Option(help: "A header field of a publish; Content-Type: application/json by default. May be given again.")
  var publishHeader: [HeaderArgument] = []

  @Option(parsing: .unconditional, help: "Publish so many events a second.")
  var rate: Double?

  @Option(parsing: .unconditional, help: "Keep so many events on their way to all of their subscribers. Default: 1.")
  var window: Int?

  @Option(
    parsing: .unconditional, help: "Publish so many events at the most; when all have arrived, the measurement ends.")
  var publishes: Int?

  @Option(parsing: .unconditional, help: "Connections to publish over.")
  var publishers = 1

  @Option(help: "A process of the server, measured with its children. May be given again.")
  var serverPid: [Int32] = []

  @Flag(help: "Print the result as one JSON object.")
  var json = false

  @Flag(name: .shortAndLong, help: "Nothing on stderr but errors.")
  var quiet = false

  func validate() throws {
    let limits = [
      (subscribers, "--subscribers", 1), (topics ?? 1, "--topics", 1), (connecting, "--connecting", 1),
      (stalled, "--stalled", 0), (window ?? 1, "--window", 1), (publishes ?? 1, "--publishes", 1),
      (publishers, "--publishers", 1),
    ]
    for (value, name, least) in limits where value < least || value > 1_000_000 {
      throw ValidationError("\(name) has to be a number from \(least) to 1000000.")
    }
    for (value, name) in [(ramp, "--ramp"), (settle, "--settle"), (duration, "--duration")]
    where !(0...86_400 ~= value) {
      throw ValidationError("\(name) has to be 0 to 86400 seconds.")
    }
    if let rate, !(0.001...1e6 ~= rate) { throw ValidationError("--rate has to be from 0.001 to 1000000 a second.") }
    if rate != nil, window != nil { throw ValidationError("Give --rate or --window.") }
    if publishUrl == nil, rate != nil || window != nil || publishes != nil {
      throw ValidationError("To publish, give --publish-url.")
    }
    if let process = serverPid.first(where: { kill($0, 0) != 0 && errno == ESRCH }) {
      throw ValidationError("--server-pid: there is no process \(process).")
    }
    try BearerToken(file: tokenFile).validate()
  }

  func run() throws {
    Tool.handleSignals()
    let progress = quiet ? nil : LoadProgressLine()
    let end = DispatchSemaphore(value: 0)
    let result = LoadResult()
    let load: Load
    let plan = try plan()
    do throws(LoadError) {
      load = try Load(
        plan, onProgress: { progress?.show($0) },
        onEnd: {
          result.report = $0
          end.signal()
        })
    } catch {
      if error.isWrongPlan { throw ValidationError(error.description) }
      Output.notice("\(error.description).", of: "tclient")
      throw ExitCode.unavailable
    }
    let signal = Atomic<Int32>(0)
    Tool.interrupt.withLock {
      $0 = { number in
        signal.store(number, ordering: .relaxed)
        load.stop()
      }
    }
    load.begin()
    end.wait()
    progress?.end()
    let report = result.report!
    if json { Output.json(report.json) } else { Output.write(report.table) }
    // What was measured till then has been told.
    let number = signal.load(ordering: .relaxed)
    if number != 0 { throw ExitCode(128 + number) }
    if report.connected == 0 { throw ExitCode.unavailable }
    if !report.isComplete { throw ExitCode.failure }
  }

  /// With the token, unless one is among them.
  private func fields(_ given: [HeaderArgument]) throws -> [HeaderField] {
    var fields = given.map { HeaderField(name: $0.header.name, value: $0.header.value) }
    let hasOwn = fields.contains { $0.name.lowercased() == "authorization" }
    if !hasOwn, let token = try BearerToken(file: tokenFile).read() {
      fields.append(HeaderField(name: "Authorization", value: "Bearer \(token)"))
    }
    return fields
  }

  private func plan() throws -> LoadPlan {
    var plan = LoadPlan(url: url)
    plan.subscribers = subscribers
    plan.topics = topics
    plan.fields = try fields(header)
    plan.connecting = connecting
    plan.ramp = .seconds(ramp)
    plan.settle = .seconds(settle)
    plan.duration = .seconds(duration)
    plan.stalled = min(stalled, subscribers)
    plan.timestampKey = timestampKey
    plan.serverProcesses = serverPid
    guard let publishUrl else { return plan }
    var publisher = PublisherPlan(url: publishUrl)
    publisher.method = publishMethod
    publisher.body = body
    publisher.fields = try fields(publishHeader)
    if !publisher.fields.contains(where: { $0.name.lowercased() == "content-type" }) {
      publisher.fields.append(HeaderField(name: "Content-Type", value: "application/json"))
    }
    publisher.pace = rate.map { .rate($0) } ?? .window(window ?? 1)
    publisher.limit = publishes ?? .max
    publisher.connections = publishers
    plan.publisher = publisher
    return plan
  }
}

/// Handed from the load's queue to the main thread by a semaphore.
// Sendable: written before the semaphore's signal, read after its wait.
private final class LoadResult: @unchecked Sendable {
  var report: LoadReport?
}
