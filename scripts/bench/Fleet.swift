import Dispatch
import EventStreamClient
import Glibc
import Synchronization

extension Bench {
  /// Many streams in one process, on each of which something happens from time to time.
  static func fleet(_ url: String, _ count: Int, seconds: Int) {
    let before = Process.residentBytes
    let deliveries = Atomic<Int>(0)
    let opened = DispatchGroup()
    let opening = Stopwatch()
    for _ in 0..<count {
      opened.enter()
      let first = Box(true)
      EventSource(url).open(onEvent: { _, _ in
        deliveries.add(1, ordering: .relaxed)
        if first.value {
          first.value = false
          opened.leave()
        }
      })
    }
    opened.wait()
    let (openedIn, openingCPU) = (opening.seconds, opening.cpuSeconds)
    // Until the last streams to come are in step with the others.
    sleep(1)
    let start = deliveries.load(ordering: .relaxed)
    let watch = Stopwatch()
    sleep(UInt32(seconds))
    let delivered = deliveries.load(ordering: .relaxed) - start
    report([
      "streams": Double(count), "deliveries": Double(delivered), "cpu": watch.cpuSeconds, "seconds": watch.seconds,
      "bytes_per_stream": Double((Process.residentBytes - before) / count), "threads": Double(Process.threads),
      "open_seconds": openedIn, "open_cpu": openingCPU,
    ])
  }
}
