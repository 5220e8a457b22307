import Dispatch
import EventStream
import EventStreamClient
import Glibc
import Synchronization

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
          let data = event.data
          guard data.contains(#""completed""#) else { return }
          guard events.value > 1 else {
            late.add(1, ordering: .relaxed)
            return
          }
          let delay = received - timestamp(of: data)
          delays.withLock { $0.append(delay) }
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

  private static func timestamp(of data: String) -> Double {
    guard let key = data.firstRange(of: #""timestamp":"#) else { return .nan }
    return strtod(String(data[key.upperBound...]), nil)
  }
}
