import Dispatch
import EventStreamClient
import Synchronization

extension Bench {
  /// Opens a stream, waits for its first event, cancels; 100 at a time.
  static func cycles(_ url: String, _ count: Int) {
    let round = { (count: Int) in
      let slots = DispatchSemaphore(value: 100)
      let ended = DispatchGroup()
      for _ in 0..<count {
        slots.wait()
        ended.enter()
        let subscription = Mutex<EventSource.Subscription?>(nil)
        let first = Box(DispatchSemaphore(value: 0))
        let opened = EventSource(url).open(
          onEvent: { _, _ in first.value.signal() },
          onEnd: { _ in
            ended.leave()
            slots.signal()
          })
        subscription.withLock { $0 = opened }
        DispatchQueue.global().async {
          first.value.wait()
          opened.cancel()
        }
      }
      ended.wait()
    }
    round(500)
    let before = (descriptors: Process.descriptors, memory: Process.residentBytes, cpu: Process.cpuSeconds)
    round(count)
    // The engine closes the last sockets in its own time.
    round(1)
    print(
      "cycles: \(count) open/cancel: descriptors \(before.descriptors) -> \(Process.descriptors), "
        + "memory \(before.memory / 1024) -> \(Process.residentBytes / 1024) KiB, "
        + "CPU \(Int((Process.cpuSeconds - before.cpu) / Double(count) * 1e6)) us each")
  }
}
