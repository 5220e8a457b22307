internal import Glibc

/// What the process takes, by the names that Prometheus' own clients give it
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
struct ProcessFigures {
  /// Of all threads, in user mode and the kernel.
  var cpuSeconds = 0.0
  var residentBytes = 0.0
  var openDescriptors = 0.0
  var descriptorLimit = 0.0
  /// In seconds since 1970.
  static let start: Double = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec)
  }()

  static var now: ProcessFigures {
    var figures = ProcessFigures()
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    figures.cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    figures.descriptorLimit = Double(limit.rlim_cur)
    figures.residentBytes = residentPages() * Double(sysconf(Int32(_SC_PAGESIZE)))
    figures.openDescriptors = entries(of: "/proc/self/fd")
    return figures
  }

  func write(to text: inout PrometheusText) {
    text.counterOfSeconds("process_cpu_seconds", "User and system time spent.", cpuSeconds)
    text.gauge("process_resident_memory_bytes", "Resident memory.", residentBytes)
    text.gauge("process_open_fds", "Open file descriptors.", openDescriptors)
    text.gauge("process_max_fds", "Most file descriptors that may be open.", descriptorLimit)
    text.gauge("process_start_time_seconds", "When the process started, since 1970.", Self.start)
  }

  /// The second number of /proc/self/statm (proc_pid_statm(5)).
  private static func residentPages() -> Double {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = read(descriptor, &buffer, buffer.count)
    let words = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self).split(separator: " ")
    return words.count > 1 ? Double(words[1]) ?? 0 : 0
  }

  private static func entries(of path: String) -> Double {
    guard let directory = opendir(path) else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    // Without `.`, `..` and the directory's own.
    return Double(max(count - 3, 0))
  }
}
