import Glibc

/// Writes lines with write(2), at once: nothing waits in a buffer when the process ends.
enum Output {
  static func line(_ text: String) {
    write(text, to: STDOUT_FILENO, ending: "\n")
  }

  /// A sentence for the person, not for the pipe.
  static func notice(_ text: String) {
    write("tclient: \(text)", to: STDERR_FILENO, ending: "\n")
  }

  static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO, ending: String = "") {
    var bytes = Array(text.utf8)
    bytes.append(contentsOf: ending.utf8)
    write(bytes, to: descriptor)
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32 = STDOUT_FILENO) {
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress!, rest.count)
        if written >= 0 {
          rest = rest.dropFirst(written)
        } else if errno == EAGAIN {
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&ready, 1, -1)
        } else if errno != EINTR {
          // Whoever read the output has left: what SIGPIPE would have done, had it not to be ignored.
          if descriptor == STDOUT_FILENO { exit(128 + SIGPIPE) }
          return
        }
      }
    }
  }
}
