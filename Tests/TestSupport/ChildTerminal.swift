import Foundation
import Glibc

/// A terminal for a child process: a pseudo terminal (pty(7)) of which the test is the screen and the keyboard.
///
/// Any thread and any task may call any member.
package final class ChildTerminal: Sendable {
  /// What the child opens.
  package let path: String
  /// All that was written to it so far.
  package let written = Watched("")
  private let screen: Int32
  /// Held open: without it the screen would see an end before the child has come.
  private let line: Int32

  package init(columns: Int, rows: Int) throws {
    // What posix_openpt, unlockpt and ptsname do, whose declarations hide behind _XOPEN_SOURCE: TIOCSPTLCK and TIOCGPTN
    // of ioctl_tty(2).
    screen = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var locked: Int32 = 0
    var number: UInt32 = 0
    guard screen >= 0, ioctl(screen, 0x4004_5431, &locked) == 0, ioctl(screen, 0x8004_5430, &number) == 0 else {
      throw SocketError(failed: "open a pseudo terminal")
    }
    path = "/dev/pts/\(number)"
    line = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard line >= 0 else { throw SocketError(failed: "open \(path)") }
    resize(columns: columns, rows: rows)
    detachThread("child terminal") { [screen, written] in
      var buffer = [UInt8](repeating: 0, count: 4096)
      var rest: [UInt8] = []
      while true {
        let count = read(screen, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        rest += buffer[..<count]
        // Up to the last whole character.
        var end = rest.count
        while end > 0, end > rest.count - 4, String(validating: rest[..<end], as: UTF8.self) == nil { end -= 1 }
        let text = String(decoding: rest[..<end], as: UTF8.self)
        rest.removeFirst(end)
        written.update { $0 += text }
      }
      close(screen)
    }
  }

  /// Gives it back. The child sees the end of it.
  package func hangUp() { close(line) }

  package func type(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(screen, $0.baseAddress!, $0.count) }
  }

  /// Tells the child, too, by SIGWINCH.
  package func resize(columns: Int, rows: Int) {
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(screen, UInt(TIOCSWINSZ), &size)
  }

  /// Whether it is as a shell wants it: lines, an echo, Ctrl-C as a signal.
  package var isCooked: Bool {
    var attributes = termios()
    tcgetattr(line, &attributes)
    let flags = tcflag_t(ICANON | ECHO | ISIG)
    return attributes.c_lflag & flags == flags
  }
}
