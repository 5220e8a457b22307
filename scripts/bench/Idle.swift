import Dispatch
import EventStreamClient
import Glibc

extension Bench {
  /// Many open streams on which nothing happens.
  static func idle(_ url: String, _ count: Int) {
    let before = Process.residentBytes
    let opened = DispatchGroup()
    let opening = Stopwatch()
    for _ in 0..<count {
      opened.enter()
      EventSource(url).open(onEvent: { _, _ in opened.leave() })
    }
    opened.wait()
    let (milliseconds, cpu) = (Int(opening.seconds * 1000), Int(opening.cpuSeconds * 1000))
    // libcurl looks at each connection once more when its connect timeout would have passed.
    sleep(12)
    let idling = Stopwatch()
    sleep(10)
    print(
      "idle: \(count) streams: opened in \(milliseconds) ms (CPU \(cpu) ms), "
        + "\((Process.residentBytes - before) / count) bytes each, CPU in 10 s: \(Int(idling.cpuSeconds * 1000)) ms")
  }
}
