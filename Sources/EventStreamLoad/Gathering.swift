internal import Glibc

/// Waits for more while many events come at a time: to be woken for each few costs more than to read them.
///
/// A server that sends to thousands is about as fast as who reads it here, and so the next few come whenever the last have
/// just been read.
struct Gathering {
  /// How long it waits, and for how many events at least. By so much a delay may be told too long; where so many are to
  /// come, each of which takes a server microseconds, that is a few per cent of the longest.
  private static let microseconds: UInt32 = 300
  private static let least = 2_000

  /// So many have to come in a turn, and the next turn so soon, in nanoseconds. Behind more the next ones wait already.
  private static let many = 4...128
  private static let soon: UInt64 = 1_000_000

  private var turn: UInt64 = 0
  private var events = 0

  /// Takes note of an event, and waits if more are worth it. For the last ones it does not: the next event may be held up
  /// until they are read.
  ///
  /// - Parameters:
  ///   - turn: when the turn began in which it was read.
  ///   - left: how many are still to come.
  mutating func delivered(in turn: UInt64, leaving left: Int) {
    if isDense(at: turn), left >= Self.least { usleep(Self.microseconds) }
  }

  /// Takes note of an event; whether it is the first of its turn, and the turn before had many.
  mutating func isDense(at turn: UInt64) -> Bool {
    if turn == self.turn {
      events += 1
      return false
    }
    let isDense = Self.many.contains(events) && turn &- self.turn < Self.soon
    (self.turn, events) = (turn, 1)
    return isDense
  }
}
