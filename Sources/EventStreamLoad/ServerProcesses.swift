internal import Glibc

/// What processes use, with their children, as the kernel counts it.
struct ServerProcesses {
  private let roots: [Int32]

  init(_ processes: [Int32]) { roots = processes }

  /// Seconds of CPU time, and bytes of resident memory.
  typealias Usage = (cpu: Double, memory: Int)

  /// At this moment; nil without a process that is there.
  func usage() -> Usage? {
    guard !roots.isEmpty else { return nil }
    let page = sysconf(Int32(_SC_PAGESIZE))
    var (cpu, pages, found) = (0.0, 0, false)
    for process in withChildren() {
      guard let fields = Self.fields(of: process), let resident = Int(fields[21]), let time = Self.cpu(of: process)
      else { continue }
      cpu += time
      pages += resident
      found = true
    }
    return found ? (cpu, pages * page) : nil
  }

  /// Of all its threads, those that have ended too, in nanoseconds' resolution, where /proc counts in hundredths.
  private static func cpu(of process: Int32) -> Double? {
    var clock: clockid_t = 0
    var time = timespec()
    guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private func withChildren() -> Set<Int32> {
    var parents: [Int32: Int32] = [:]
    if let directory = opendir("/proc") {
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
        guard let process = Int32(name), let fields = Self.fields(of: process) else { continue }
        parents[process] = Int32(fields[1])
      }
    }
    var family = Set(roots)
    var isGrowing = true
    while isGrowing {
      let children = parents.filter { family.contains($0.value) && !family.contains($0.key) }.keys
      family.formUnion(children)
      isGrowing = !children.isEmpty
    }
    return family
  }

  /// What follows the name, which may hold anything but ends with the last parenthesis: proc_pid_stat(5), from field 3 on.
  private static func fields(of process: Int32) -> [Substring]? {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return nil }
    defer { fclose(file) }
    var line = [UInt8](repeating: 0, count: 1024)
    let count = fread(&line, 1, line.count, file)
    let text = String(decoding: line[..<count], as: UTF8.self)
    guard let name = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: name)...].split(separator: " ")
    return fields.count > 21 ? fields : nil
  }
}

/// What this process uses.
enum OwnProcess {
  /// Seconds of CPU time.
  static var cpu: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(micros) / 1e6
  }

  static func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
