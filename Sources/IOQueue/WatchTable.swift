/// Who waits for which descriptor.
///
/// A batch that the kernel has reported may name a descriptor that an earlier event of the same batch has closed, or
/// whose number another socket has taken since. So every watch has a generation, which the kernel hands back as part
/// of the key, and an event of a past generation finds nobody.
struct WatchTable {
  private struct Slot {
    var handler: (any IOHandler)?
    var generation: UInt32 = 0
  }

  /// Indexed by descriptor: the kernel gives out the lowest free numbers, so this stays as small as the process.
  private var slots: [Slot] = []

  /// The timer descriptor's key, which no descriptor can have.
  static let timerKey = UInt64.max

  /// - Returns: the key to register, and whether the descriptor was watched before.
  mutating func insert(_ handler: any IOHandler, at descriptor: Int32) -> (key: UInt64, known: Bool) {
    let index = Int(descriptor)
    while slots.count <= index { slots.append(Slot()) }
    let known = slots[index].handler != nil
    if !known { slots[index].generation &+= 1 }
    slots[index].handler = handler
    return (UInt64(slots[index].generation) << 32 | UInt64(UInt32(descriptor)), known)
  }

  /// - Returns: whether there was a watch.
  @discardableResult
  mutating func remove(_ descriptor: Int32) -> Bool {
    let index = Int(descriptor)
    guard slots.indices.contains(index), slots[index].handler != nil else { return false }
    slots[index].handler = nil
    return true
  }

  mutating func removeAll() {
    slots = []
  }

  func handler(for key: UInt64) -> (Int32, any IOHandler)? {
    let descriptor = Int32(truncatingIfNeeded: key)
    let index = Int(descriptor)
    guard slots.indices.contains(index), slots[index].generation == UInt32(key >> 32) else { return nil }
    return slots[index].handler.map { (descriptor, $0) }
  }
}
