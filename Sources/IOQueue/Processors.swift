internal import CLinuxIO

package enum Processors {
  /// How many this process may run on; 1 if the system does not say.
  package static var available: Int {
    // Room for 8,192.
    var set = [UInt](repeating: 0, count: 128)
    let bytes = sse_sched_getaffinity(&set, UInt(set.count * MemoryLayout<UInt>.size))
    return bytes > 0 ? max(1, set.reduce(0) { $0 + $1.nonzeroBitCount }) : 1
  }
}
