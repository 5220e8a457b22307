internal import Glibc

package enum ProcessEnd {
  /// Ends the process with what it has printed written, and leaves the rest to the kernel. exit(3) would have C libraries
  /// take down what threads of this process still use: OpenSSL's tables, while a transfer goes on.
  package static func now(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }
}
