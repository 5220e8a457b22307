import Glibc
import Synchronization
import ToolSupport

/// The terminal as a whole screen: raw keys, no cursor, and the shell's screen back afterwards.
///
/// It is written to through an open file description of its own, which does not block: a connection that stalls must not
/// stop the keys from working, and the shell's description is the shell's.
///
/// One thread at a time, but for `restoreAtExit`.
final class Terminal {
  let input = STDIN_FILENO
  let output: Int32
  private var cooked = termios()
  /// Whether it is ours at the moment.
  private(set) var isEntered = false
  private var unwritten: [UInt8] = []

  /// Alternate screen, no cursor, no wrapping; and back.
  private static let begin = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J"
  private static let finish = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

  /// Whether this process has one that can do all that.
  static var isUsable: Bool { Output.canRedraw() && isatty(STDIN_FILENO) != 0 }

  /// Nil if it is gone.
  init?() {
    guard tcgetattr(input, &cooked) == 0 else { return nil }
    let own = open("/proc/self/fd/\(Output.standard)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    // A terminal of another user's, after su: then it may block.
    output = own >= 0 ? own : Output.standard
  }

  deinit {
    if output != Output.standard { close(output) }
  }

  /// Takes it over. Ctrl-C and Ctrl-Z are keys like others until `leave`.
  func enter() {
    var raw = cooked
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    raw.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR | ISTRIP | BRKINT)
    Self.saved.withLock { $0 = cooked }
    tcsetattr(input, TCSADRAIN, &raw)
    isEntered = true
    unwritten = []
    write(Self.begin)
  }

  /// Gives it back as it was.
  func leave() {
    guard isEntered else { return }
    isEntered = false
    Self.restoreAtExit()
  }

  private static let saved = Mutex<termios?>(nil)

  /// Gives it back if it was taken. Does not wait for a terminal that takes no output. From any thread.
  static func restoreAtExit() {
    saved.withLock { saved in
      guard var cooked = saved else { return }
      saved = nil
      // What was cut in the middle of a control sequence ends here (ECMA-48, CAN).
      Output.writeIfReady("\u{18}" + finish)
      tcsetattr(STDIN_FILENO, TCSANOW, &cooked)
    }
  }

  /// Whether it listens to this process, and not to another one of the shell's; also if it does not say.
  var isForeground: Bool {
    let group = tcgetpgrp(input)
    return group < 0 || group == getpgrp()
  }

  /// Nil if it does not say.
  var size: (columns: Int, rows: Int)? {
    var size = winsize()
    guard ioctl(Output.standard, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Whether all was written that was given to `write`.
  var isIdle: Bool { unwritten.isEmpty }

  /// Takes all of it, and writes what there is room for.
  func write(_ text: String) {
    unwritten += text.utf8
    flush()
  }

  /// Goes on writing. What cannot be written because the terminal is gone is dropped: its input tells of that.
  func flush() {
    while !unwritten.isEmpty {
      let written = unwritten.withUnsafeBytes { Glibc.write(output, $0.baseAddress!, $0.count) }
      if written > 0 {
        unwritten.removeFirst(written)
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        unwritten = []
      }
    }
  }

  /// - Returns: nil if there will be no more input.
  func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = Glibc.read(input, &buffer, buffer.count)
    if count > 0 { return Array(buffer[..<count]) }
    return count < 0 && (errno == EINTR || errno == EAGAIN) ? [] : nil
  }
}

/// SIGWINCH as a descriptor that can be read from: a process has one.
enum Resizes {
  private static let write = Atomic<Int32>(-1)

  /// Nil if the process has no descriptor left.
  static func descriptor() -> Int32? {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    write.store(ends[1], ordering: .releasing)
    signal(SIGWINCH) { _ in
      // write(2) is one of the few that a signal handler may call (signal-safety(7)).
      let code = errno
      var byte: UInt8 = 0
      _ = Glibc.write(Resizes.write.load(ordering: .acquiring), &byte, 1)
      errno = code
    }
    return ends[0]
  }
}
