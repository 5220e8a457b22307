internal import Glibc

/// Writes with write(2), at once: nothing waits in a buffer when the process ends.
package enum Output {
  /// The descriptors of standard output and error.
  package static let standard = STDOUT_FILENO
  package static let error = STDERR_FILENO

  /// A line for a person: a text, or columns with tabs between. Without the control characters that a server may have put
  /// into them to talk to the terminal, to begin another line or another column.
  package static func line(_ columns: String...) {
    write(columns.map(printable).joined(separator: "\t") + "\n")
  }

  /// A line for a program: an object by `JSONWriter`, which escapes control characters.
  package static func json(_ object: String) {
    write(object + "\n")
  }

  /// A sentence for the person, not for the pipe: one line, without control characters as well.
  package static func notice(_ text: String, of tool: String) {
    write(printable("\(tool): \(text)") + "\n", to: error)
  }

  /// Without control characters, and without those that turn the direction of what follows, beyond this text maybe: what
  /// is read would not be what was written.
  package static func printable(_ text: String) -> String {
    var text = text
    text.unicodeScalars.removeAll {
      $0.properties.generalCategory == .control || 0x202A...0x202E ~= $0.value || 0x2066...0x2069 ~= $0.value
    }
    return text
  }

  package static var isTerminal: Bool { isatty(standard) != 0 }

  /// Whether what is written there can be written over: a terminal that knows more than lines.
  package static func canRedraw(_ descriptor: Int32 = standard) -> Bool {
    let type = getenv("TERM").map { String(cString: $0) } ?? ""
    return isatty(descriptor) != 0 && !type.isEmpty && type != "dumb"
  }

  /// Blocks until all of `text` is written. If nobody reads standard output any more the process ends, as SIGPIPE would
  /// have it end if it were not ignored; if it cannot be written for another reason, with a sentence and EX_IOERR.
  package static func write(_ text: String, to descriptor: Int32 = standard) {
    guard !attempt(text, to: descriptor), descriptor == standard else { return }
    let code = errno
    guard code != EPIPE else { ProcessEnd.now(128 + SIGPIPE) }
    let tool = CommandLine.arguments.first?.split(separator: "/").last ?? "output"
    _ = attempt("\(tool): cannot write to standard output: \(String(cString: strerror(code))).\n", to: error)
    ProcessEnd.now(74)
  }

  /// Writes if that is possible at once: for a process that is about to end and must not wait for anybody.
  package static func writeIfReady(_ text: String) {
    var ready = pollfd(fd: standard, events: Int16(POLLOUT), revents: 0)
    guard poll(&ready, 1, 0) == 1, ready.revents & Int16(POLLOUT) != 0 else { return }
    var text = text
    _ = text.withUTF8 { Glibc.write(standard, $0.baseAddress!, $0.count) }
  }

  /// - Returns: false if it cannot be written, and why in `errno`.
  package static func attempt(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress!, rest.count)
        if written >= 0 {
          rest = rest.dropFirst(written)
        } else if errno == EAGAIN {
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&ready, 1, -1)
        } else if errno != EINTR {
          return false
        }
      }
      return true
    }
  }
}
