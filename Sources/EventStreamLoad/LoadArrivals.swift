internal import IOQueue

/// Has a load's subscribers connect: spread over the ramp, a few at a time, and none for longer than the plan's patience.
///
/// Lives on the load's queue.
final class LoadArrivals {
  private unowned let load: Load
  private let plan: LoadPlan
  private let target: LoadTarget
  let subscribers: [LoadSubscriber]
  /// Subscribers that have begun to connect, and those of them that have no response yet.
  private var begun = 0
  private var opening = 0
  private var start: UInt64 = 0
  private var lastHead: UInt64 = 0
  private var isConnecting = false

  init(_ plan: LoadPlan, topics: Int, of load: Load) throws(LoadError) {
    self.load = load
    self.plan = plan
    target = try LoadTarget(plan.url)
    subscribers = (0..<plan.subscribers).map {
      LoadSubscriber(load, topic: $0 % topics, isStalled: $0 < plan.stalled)
    }
  }

  func request(topic: Int) -> [UInt8] {
    let accept = [HeaderField(name: "Accept", value: "text/event-stream")]
    let isGiven = plan.fields.contains { $0.name.lowercased() == "accept" }
    return target.request("GET", topic: topic, fields: (isGiven ? [] : accept) + plan.fields)
  }

  func begin() { start = Monotonic.now }

  /// Whether each has come to a response, or failed to.
  var isDone: Bool { begun == plan.subscribers && opening == 0 }

  /// From the first connect to the last response.
  var seconds: Double { Double(max(lastHead, start) - start) / 1e9 }

  /// Gives up those that take too long, and has the next ones connect.
  func goOn() {
    let now = Monotonic.now
    for subscriber in subscribers[..<begun]
    where subscriber.isOpening && now &- subscriber.begin > plan.patience.nanoseconds {
      subscriber.end(.timedOut)
    }
    connectSome()
  }

  func opened() {
    lastHead = Monotonic.now
    opening -= 1
    connectSome()
  }

  func failed() {
    opening -= 1
    connectSome()
  }

  private func connectSome() {
    // One whose connect fails at once makes room for the next from in here.
    guard !isConnecting else { return }
    isConnecting = true
    defer { isConnecting = false }
    var due = plan.subscribers
    if plan.ramp > .zero {
      let part = Double(Monotonic.now &- start) / Double(plan.ramp.nanoseconds)
      due = min(due, Int(Double(due) * min(part, 1)) + 1)
    }
    while begun < due, opening < max(1, plan.connecting) {
      let subscriber = subscribers[begun]
      opening += 1
      begun += 1
      // Each source address has some 28,000 ports, some of which are still in TIME_WAIT from the load before.
      subscriber.connect(to: target, source: begun / 4000)
    }
  }
}
