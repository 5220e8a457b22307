import Dispatch
import EventStream
import EventStreamClient
import Synchronization
import TranslationAPI

extension Bench {
  /// Subscribers of one status, until it is completed: the time from its timestamp to its arrival at each. Those who
  /// came after it are told as late, since their time says nothing.
  static func seed(_ url: String, _ count: Int) {
    let delays = Mutex<[Double]>([])
    let late = Atomic<Int>(0)
    let ended = DispatchGroup()
    for _ in 0..<count {
      ended.enter()
      let events = Box(0)
      EventSource(url, reconnection: .never).open(
        onEvent: { event, received in
          events.value += 1
          guard let update = try? event.withDataBytes({ try StatusUpdate(json: $0) }), update.status == .completed
          else {
            return
          }
          guard events.value > 1 else {
            late.add(1, ordering: .relaxed)
            return
          }
          delays.withLock { $0.append(received - update.timestamp) }
        }, onEnd: { _ in ended.leave() })
    }
    ended.wait()
    let sorted = delays.withLock { $0.sorted() }
    guard !sorted.isEmpty else { fatalError("no stream of \(url) was completed") }
    let rank = { (percent: Int) in sorted[min(sorted.count - 1, sorted.count * percent / 100)] * 1000 }
    report([
      "clients": Double(sorted.count), "late": Double(late.load(ordering: .relaxed)), "p50_ms": rank(50),
      "p99_ms": rank(99), "max_ms": rank(100),
    ])
  }
}
