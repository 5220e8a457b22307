import Dispatch
import EventStream
import EventStreamClient

// How fast events go through, of a stream that the server ends: by callback, and by a loop.

extension Bench {
  static func events(_ url: String) {
    let done = DispatchSemaphore(value: 0)
    let (events, bytes) = (Box(0), Box(0))
    let watch = Stopwatch()
    EventSource(url, reconnection: .never).open(
      onEvent: { event, _ in
        events.value += 1
        bytes.value += event.withDataBytes { $0.count }
      }, onEnd: { _ in done.signal() })
    done.wait()
    report(["events": Double(events.value), "cpu": watch.cpuSeconds, "seconds": watch.seconds])
  }

  static func sequence(_ url: String) {
    let done = DispatchSemaphore(value: 0)
    let (events, bytes) = (Box(0), Box(0))
    let watch = Stopwatch()
    Task {
      var (seen, read) = (0, 0)
      do {
        for try await event in EventSource(url, reconnection: .never).events() {
          seen += 1
          read += event.data.utf8.count
        }
      } catch {}
      (events.value, bytes.value) = (seen, read)
      done.signal()
    }
    done.wait()
    report(["events": Double(events.value), "cpu": watch.cpuSeconds, "seconds": watch.seconds])
  }
}
