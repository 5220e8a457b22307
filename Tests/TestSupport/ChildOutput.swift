import Glibc

/// What a child process prints on one of its two streams, line by line as it comes. Any thread may call any member.
package final class ChildOutput: Sendable {
  private struct Lines: Sendable, CustomStringConvertible {
    var all: [String] = []
    /// Lines before this one have been passed by `line`.
    var next = 0
    var partial: [UInt8] = []
    var isComplete = false

    var description: String { "\(all.suffix(10))\(isComplete ? " and the end" : "")" }
  }
  private let lines = Watched(Lines())

  /// Owns `descriptor`; a thread of its own reads it until all that hold the other end have closed it.
  init(_ descriptor: Int32) {
    detachThread("child output") { self.readAll(descriptor) }
  }

  /// The lines so far, without their LF.
  package var all: [String] { lines.value.all }

  /// The next line for which `matches` holds; lines before it are passed. Throws when the stream ends without one.
  package func line(
    _ what: String = "a line", within limit: Duration = safetyLimit,
    matching matches: @escaping @Sendable (String) -> Bool
  ) async throws -> String {
    try await lines.wait(for: what, within: limit) { lines in
      while lines.next < lines.all.count {
        let line = lines.all[lines.next]
        lines.next += 1
        if matches(line) { return line }
      }
      if lines.isComplete { throw SocketError("the child's output ended without \(what): \(lines)") }
      return nil
    }
  }

  /// The next line that contains `text`; lines before it are passed. Throws when the stream ends without one.
  package func line(containing text: String, within limit: Duration = safetyLimit) async throws -> String {
    try await line("a line with \(text.debugDescription)", within: limit) { $0.contains(text) }
  }

  /// All lines, once the stream has ended; the last one may have lacked its LF.
  package func toEnd(within limit: Duration = safetyLimit) async throws -> [String] {
    try await lines.wait(for: "the end of the child's output", within: limit) { $0.isComplete ? $0.all : nil }
  }

  private func readAll(_ descriptor: Int32) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      let bytes = buffer[..<count]
      lines.update { lines in
        lines.partial += bytes
        while let line = lines.partial.take(through: [10]) {
          lines.all.append(String(decoding: line.dropLast(), as: UTF8.self))
        }
      }
    }
    close(descriptor)
    lines.update { lines in
      if !lines.partial.isEmpty { lines.all.append(String(decoding: lines.partial, as: UTF8.self)) }
      lines.isComplete = true
    }
  }
}
