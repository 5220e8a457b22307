internal import Glibc

/// Standard input, line by line, by read(2): how much of it has come is known, as it is not of stdio's buffer.
///
///     var input = InputLines()
///     while let line = try input.next(beforeWaiting: { try flush() }) { … }
package struct InputLines {
  /// Lines that have come.
  private var lines: ArraySlice<[UInt8]> = []
  /// What has come of the next one.
  private var partial: [UInt8] = []
  private var hasEnded = false

  package init() {}

  /// The next line, without its end (LF or CRLF); nil when there is none any more. The last one may go without an end.
  ///
  /// - Parameter pause: called before it blocks, with all lines handed out that have come.
  package mutating func next<Failure>(
    beforeWaiting pause: () throws(Failure) -> Void
  ) throws(Failure) -> [UInt8]? {
    while true {
      if let line = lines.popFirst() { return line }
      if hasEnded { return nil }
      if !Self.isReady(within: 0) {
        try pause()
        _ = Self.isReady(within: -1)
      }
      read()
    }
  }

  /// Whether something can be read at once; the end counts.
  ///
  /// - Parameter limit: how long to wait for that, in milliseconds; -1 for as long as it takes.
  private static func isReady(within limit: Int32) -> Bool {
    var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, limit) == 1
  }

  private mutating func read() {
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
      let count = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      if count > 0 { return take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
      if count < 0, errno == EINTR || errno == EAGAIN { return }
      hasEnded = true
      if !partial.isEmpty { endLine() }
    }
  }

  private mutating func take(_ bytes: UnsafeRawBufferPointer) {
    let pieces = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for piece in pieces.dropLast() {
      partial += piece
      endLine()
    }
    partial += pieces.last!
  }

  private mutating func endLine() {
    if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
    lines.append(partial)
    partial = []
  }
}
