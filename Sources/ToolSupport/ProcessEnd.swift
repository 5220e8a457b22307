internal import Glibc

package enum ProcessEnd {
  /// Ends the process at once, and leaves the rest to the kernel. exit(3) would have C libraries take down what threads of
  /// this process still use (OpenSSL's tables, while a transfer goes on), and would wait, as fflush(3) does, for one that
  /// writes to a pipe that nobody reads. Nothing of these tools' is left in a buffer: `Output` has none, and a log's lines
  /// are flushed one by one.
  package static func now(_ code: Int32) -> Never { _exit(code) }
}
