import Glibc
import TestSupport
import Testing

@testable import EventStreamClient

@Suite(.timeLimit(.minutes(3)))
struct EnginesTests {
  /// In a process of its own: in this one the engines are up.
  @Test func enginesThatCouldNotComeUpAreTriedAgain() async {
    await #expect(processExitsWith: .success) {
      func setLimit(_ count: rlim_t) -> rlim_t {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        defer {
          limit.rlim_cur = count
          setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return limit.rlim_cur
      }
      // An address where nobody listens.
      let source = EventSource("http://127.0.0.73:1/", reconnection: .never)
      let usual = setLimit(0)
      let without = Recording(source)
      _ = setLimit(usual)
      #expect(
        without.ends.all == [.failure(.connectionFailed("cannot create an epoll set: Too many open files"))])
      let refused = EventSourceError.connectionFailed("cannot connect to http://127.0.0.73:1: Connection refused")
      let failure = try await Recording(source).failure()
      #expect(failure == refused)
    }
  }
}
