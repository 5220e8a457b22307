import Foundation
import Glibc

/// A program that runs beside the test: its output as it comes, signals to it, how it ended.
///
///     let server = try ChildProcess(product: "tserver", ["--port", "0"], environment: ["NO_COLOR": "1"])
///     let line = try await server.output.line(containing: "http://")
///     server.send(SIGTERM)
///     #expect(try await server.exit() == .code(0))
///
/// Any thread and any task may call any member. One that is forgotten is killed after `lifetime`.
package final class ChildProcess: Sendable {
  /// How a process ended.
  package enum Exit: Hashable, Sendable {
    case code(Int32)
    case signal(Int32)
  }

  package let processID: Int32
  package let output: ChildOutput
  package let errors: ChildOutput
  private let ended = Watched<Exit?>(nil)
  /// Held from a pipe's making to the start: another child started between would inherit the pipe and keep it open.
  // A number, not `()`: to the thread sanitizer a change of a value without size is one of the object's first bytes,
  // which threads read without the lock.
  private static let starting = Locked(0)
  /// True as long as `processID` names this process: it is reaped under this lock, signals are sent under it.
  private let isOurs = Locked(true)

  /// Where the package's programs stand: beside the running test bundle, whatever the scratch path or the sanitizer.
  package static var productsDirectory: String {
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    return URL(fileURLWithPath: executable ?? CommandLine.arguments[0]).deletingLastPathComponent().path
  }

  /// Starts one of the package's programs. The suite's target depends on it, so that it is built.
  package convenience init(
    product: String, _ arguments: [String] = [], environment: [String: String] = [:],
    lifetime: Duration = .seconds(60)
  ) throws {
    try self.init("\(Self.productsDirectory)/\(product)", arguments, environment: environment, lifetime: lifetime)
  }

  /// Starts the program at `path`, with this process's environment and `environment` over it, an empty standard input,
  /// default signal handling and no other descriptor of this process. With a terminal, that is all three of its standard
  /// descriptors and controls it; with a third descriptor, that is its number 3.
  package init(
    _ path: String, _ arguments: [String] = [], environment: [String: String] = [:],
    terminal: ChildTerminal? = nil, third: Int32? = nil, lifetime: Duration = .seconds(60)
  ) throws {
    let child = try Self.starting.withLock { count in
      count += 1
      return try Self.start(path, arguments, environment, terminal, third)
    }
    processID = child.processID
    output = ChildOutput(child.output)
    errors = ChildOutput(child.errors)
    detachThread("child") { self.awaitEnd() }
    let seconds = Double(lifetime.components.seconds)
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { self.send(SIGKILL) }
  }

  /// Sends a signal; does nothing once the process has ended.
  package func send(_ signal: Int32) {
    isOurs.withLock { isOurs in
      if isOurs { kill(processID, signal) }
    }
  }

  /// Suspends until the process has ended.
  package func exit(within limit: Duration = safetyLimit) async throws -> Exit {
    try await ended.wait(for: "process \(processID) to end", within: limit) { $0 }
  }

  /// Suspends until it has been stopped by a signal.
  package func stop(within limit: Duration = safetyLimit) async throws {
    let isStopped = Watched(false)
    detachThread("child stop") { [processID] in
      var info = siginfo_t()
      while waitid(P_PID, id_t(processID), &info, WSTOPPED | WEXITED | WNOWAIT) < 0, errno == EINTR {}
      isStopped.update { $0 = info.si_code == CLD_STOPPED }
    }
    try await isStopped.wait(for: "process \(processID) to stop", within: limit) { $0 ? () : nil }
  }

  private func awaitEnd() {
    // First only look (WNOWAIT): until it is reaped, its number cannot go to another process.
    var info = siginfo_t()
    while waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    var status: Int32 = 0
    isOurs.withLock { isOurs in
      while waitpid(processID, &status, 0) < 0, errno == EINTR {}
      isOurs = false
    }
    let signal = status & 0x7f
    let exit: Exit = signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
    ended.update { $0 = exit }
  }

  /// Starts the program; returns its number and the descriptors from which its output is read.
  private static func start(
    _ path: String, _ arguments: [String], _ environment: [String: String], _ terminal: ChildTerminal?,
    _ third: Int32?
  ) throws -> (processID: Int32, output: Int32, errors: Int32) {
    let output = try makePipe()
    let errors = try makePipe()
    // Our copies of the ends that the child writes to: with them open its output would never end.
    defer {
      Glibc.close(output.write)
      Glibc.close(errors.write)
    }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let terminal {
      // The first terminal that the leader of a session opens controls it.
      for number: Int32 in 0...2 { posix_spawn_file_actions_addopen(&actions, number, terminal.path, O_RDWR, 0) }
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_adddup2(&actions, output.write, 1)
      posix_spawn_file_actions_adddup2(&actions, errors.write, 2)
    }
    if let third { posix_spawn_file_actions_adddup2(&actions, third, 3) }
    let kept: Int32 = third == nil ? 2 : 3
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      if let descriptor = Int32(name), descriptor > kept { posix_spawn_file_actions_addclose(&actions, descriptor) }
    }

    // The test runner may block or ignore signals; the program must meet them as if started from a shell.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    // POSIX_SPAWN_SETSID, which hides behind _GNU_SOURCE.
    let session: Int32 = terminal == nil ? 0 : 0x80
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | session))

    let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var argv = ([path] + arguments).map { strdup($0) } + [nil]
    var envp = merged.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }

    var processID = pid_t()
    let failure = posix_spawn(&processID, path, &actions, &attributes, &argv, &envp)
    guard failure == 0 else {
      Glibc.close(output.read)
      Glibc.close(errors.read)
      throw SocketError("start \(path): \(String(cString: strerror(failure)))")
    }
    return (processID, output.read, errors.read)
  }

  private static func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SocketError(failed: "pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
