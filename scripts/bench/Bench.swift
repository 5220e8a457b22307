import Dispatch
import EventStream
import EventStreamClient
import Glibc
import Synchronization

/// Measures what the client costs: `bench cycles|stalled|idle|events URL [count]`. Run by scripts/bench-client.sh.
@main
struct Bench {
  static func main() {
    raiseDescriptorLimit()
    let arguments = CommandLine.arguments
    guard arguments.count >= 3 else { fatalError("usage: bench cycles|stalled|idle|events URL [count]") }
    let url = arguments[2]
    let count = arguments.count > 3 ? Int(arguments[3])! : 10_000
    switch arguments[1] {
    case "cycles": cycles(url, count)
    case "stalled": stalled(url)
    case "idle": idle(url, count)
    case "events": events(url, count)
    default: fatalError("unknown measurement \(arguments[1])")
    }
  }

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

  /// A loop that takes one event and then no more, of a stream of 50 MB.
  static func stalled(_ url: String) {
    let settled = DispatchSemaphore(value: 0)
    Task {
      // A first stream, read to its end, so that what any stream costs is there before.
      var once = EventSource(url + "/flood?bytes=1000000", reconnection: .never)
      once.maxEventBytes = 1 << 20
      do { for try await _ in once.events() {} } catch {}
      let before = Process.residentBytes
      var iterator = EventSource(url + "/flood?bytes=50000000", reconnection: .never).events().makeAsyncIterator()
      _ = try await iterator.next()
      try await Task.sleep(for: .seconds(3))
      print("stalled: 50 MB stream, reader stopped: memory +\((Process.residentBytes - before) / 1024) KiB after 3 s")
      var count = 1
      do { while try await iterator.next() != nil { count += 1 } } catch {}
      print("stalled: read on to the end: \(count) events, memory +\((Process.residentBytes - before) / 1024) KiB")
      settled.signal()
    }
    settled.wait()
  }

  /// Many open streams on which nothing happens.
  static func idle(_ url: String, _ count: Int) {
    let before = Process.residentBytes
    let opened = DispatchGroup()
    let start = DispatchTime.now()
    for _ in 0..<count {
      opened.enter()
      EventSource(url).open(onEvent: { _, _ in opened.leave() })
    }
    opened.wait()
    let setup = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
    let opening = Process.cpuSeconds
    // libcurl looks at each connection once more when its connect timeout would have passed.
    sleep(12)
    let cpu = Process.cpuSeconds
    sleep(10)
    print(
      "idle: \(count) streams: opened in \(Int(setup * 1000)) ms (CPU \(Int(opening * 1000)) ms), \((Process.residentBytes - before) / count) bytes "
        + "each, CPU in 10 s: \(Int((Process.cpuSeconds - cpu) * 1000)) ms")
  }

  /// How fast events go through, of a stream that does not end before `count` MB.
  static func events(_ url: String, _ megabytes: Int) {
    let done = DispatchSemaphore(value: 0)
    let count = Box(0)
    let start = DispatchTime.now()
    EventSource(url + "/flood?bytes=\(megabytes * 1_000_000)", reconnection: .never).open(
      onEvent: { _, _ in count.value += 1 }, onEnd: { _ in done.signal() })
    done.wait()
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
    print("events: \(count.value) in \(Int(seconds * 1000)) ms, CPU \(Int(Process.cpuSeconds * 1000)) ms")
  }

  static func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

// Sendable: touched by one thread at a time, which the measurements see to.
final class Box<Value>: @unchecked Sendable {
  var value: Value
  init(_ value: Value) { self.value = value }
}

/// This process, as the kernel sees it.
enum Process {
  static var residentBytes: Int {
    field(1, of: "/proc/self/statm") * sysconf(Int32(_SC_PAGESIZE))
  }

  static var descriptors: Int {
    guard let directory = opendir("/proc/self/fd") else { return -1 }
    defer { closedir(directory) }
    var count = -3  // ".", "..", and the directory itself
    while readdir(directory) != nil { count += 1 }
    return count
  }

  static var cpuSeconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(micros) / 1e6
  }

  private static func field(_ index: Int, of path: String) -> Int {
    guard let file = fopen(path, "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return Int(text.split(separator: " ")[index]) ?? 0
  }
}
