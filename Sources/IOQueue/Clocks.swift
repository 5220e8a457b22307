internal import Glibc

/// The clock that never jumps: for how long something took, and when it is due.
package enum Monotonic {
  /// Nanoseconds since some fixed moment.
  package static var now: UInt64 { read(CLOCK_MONOTONIC).nanoseconds }
}

/// The same, and it goes on while the machine is suspended, as every other machine's clock does: for what is compared
/// with those. How long a suspend took the machine may know to a second only.
package enum BootTime {
  /// Nanoseconds since the machine was started.
  package static var now: UInt64 { read(CLOCK_BOOTTIME).nanoseconds }
}

/// The clock on the wall: for when something happened, to be compared between machines.
package enum WallClock {
  /// Nanoseconds since 1970.
  package static var nanoseconds: UInt64 { read(CLOCK_REALTIME).nanoseconds }

  /// Seconds since 1970, to the microsecond.
  package static var now: Double {
    let time = read(CLOCK_REALTIME)
    // A double holds today's seconds to a quarter of a microsecond: digits beyond the sixth would be noise.
    return Double(time.seconds * 1_000_000 + time.nanoseconds % 1_000_000_000 / 1_000) / 1_000_000
  }
}

private func read(_ clock: clockid_t) -> (seconds: UInt64, nanoseconds: UInt64) {
  var time = timespec()
  clock_gettime(clock, &time)
  let seconds = UInt64(time.tv_sec)
  return (seconds, seconds &* 1_000_000_000 &+ UInt64(time.tv_nsec))
}

extension Duration {
  /// Whole nanoseconds; a negative duration has none, and one of more than 292 years is cut to that.
  package var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    guard seconds < 9_223_372_036 else { return UInt64(Int64.max) }
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
  }
}
