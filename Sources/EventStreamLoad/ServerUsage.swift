/// What a server's processes had used at the turns of a load.
struct ServerUsage {
  enum Turn {
    case before, connected, idle, after
  }

  private let processes: ServerProcesses
  private var usages: [Turn: ServerProcesses.Usage] = [:]

  init(of processes: ServerProcesses) { self.processes = processes }

  mutating func note(_ turn: Turn) { usages[turn] = processes.usage() }

  /// Nil without a process that is there. A load that was stopped did not get to each turn.
  var report: LoadReport.Server? {
    guard let before = usages[.before], let after = usages[.after] else { return nil }
    let idle = usages[.idle] ?? after
    return LoadReport.Server(
      memoryBefore: before.memory, memoryIdle: idle.memory, memoryAfter: after.memory,
      cpuConnecting: (usages[.connected] ?? after).cpu - before.cpu, cpuMeasuring: after.cpu - idle.cpu)
  }
}
