import Dispatch
import EventStreamClient

extension Bench {
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
}
