internal import CLinuxIO
internal import Glibc

/// An epoll set, and what it found ready last.
// Sendable: `events` is for one thread at a time, that of the queue.
final class EpollSet: @unchecked Sendable {
  let descriptor: Int32
  let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EpollSet.batch)

  /// How many ready descriptors one system call can report.
  private static let batch = 256

  init() throws(IOError) {
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw IOError(errno, doing: "create an epoll set") }
  }

  /// Closes nothing: that is the driver's, who knows when nobody waits any more.
  deinit { events.deallocate() }

  /// How many descriptors are ready; waits for one if it may.
  func wait(forever: Bool) -> Int { max(0, Int(epoll_wait(descriptor, events, Int32(Self.batch), forever ? -1 : 0))) }

  /// - Returns: whether the system did it.
  func control(_ operation: Int32, _ watched: Int32, _ events: IOEvents, key: UInt64) -> Bool {
    var event = epoll_event(events: events.rawValue, data: epoll_data_t(u64: key))
    return epoll_ctl(descriptor, operation, watched, &event) == 0
  }
}
