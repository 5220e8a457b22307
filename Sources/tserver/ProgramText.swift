import Glibc

/// The machine code and the symbols of the program and its libraries, as far as they are in memory.
enum ProgramText {
  /// Gives the pages back to the system: most of them had a part in the start alone (the dynamic linker, the argument
  /// parser). What is run again comes from the system's cache, or from its file (madvise(2), MADV_DONTNEED).
  static func release() {
    guard let maps = fopen("/proc/self/maps", "re") else { return }
    defer { fclose(maps) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, maps) > 0, let text = line.map({ String(cString: $0) }) {
      // "7f1c8a200000-7f1c8a355000 r-xp 00026000 fe:00 1234  /usr/lib/…": code, or the symbols at the beginning of a file,
      // which nobody has written to. What the dynamic linker has changed is neither.
      let fields = text.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      guard fields.count == 6, fields[4] != "0" else { continue }
      guard fields[1] == "r-xp" || fields[1] == "r--p" && fields[2] == "00000000" else { continue }
      let range = fields[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
      guard range.count == 2 else { continue }
      madvise(UnsafeMutableRawPointer(bitPattern: range[0]), Int(range[1] - range[0]), MADV_DONTNEED)
    }
  }
}
