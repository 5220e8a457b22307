// Bytes that outlive their chunk, if they must.

internal import Glibc

/// A value out of a stream: it points into the chunk being fed for as long as it can, and has memory of its own when
/// the chunk goes or when something is appended.
///
/// So a value that begins and ends in one chunk is never copied, and one that spans many is copied once.
///
/// Sendable unchecked, because the memory has this one owner, and pointers into a chunk never outlast the call that fed
/// the chunk: whoever calls ``point(at:)`` calls ``keep()`` or ``clear()`` before that call returns.
struct CarriedBytes: ~Copyable, @unchecked Sendable {
  /// In the chunk, or equal to `storage`; nil while there is no value, which is not the same as an empty one.
  private var start: UnsafeRawPointer?
  private(set) var count = 0
  private var storage: UnsafeMutableRawPointer?
  private var capacity = 0

  init() {}

  deinit { free(storage) }

  var isPresent: Bool { start != nil }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  /// Makes `value`, which must not be nil but may be empty, the value without copying it.
  mutating func point(at value: UnsafeRawBufferPointer) {
    start = value.baseAddress
    count = value.count
  }

  /// Takes the value of `other` over, copying nothing, and leaves it without one.
  @inline(__always)
  mutating func take(_ other: inout CarriedBytes) {
    if other.isOwn { swap(&self, &other) } else { point(at: other.bytes) }
    other.clear()
  }

  /// Copies the value if it points elsewhere. Without a value, much memory is given back, so that one large event does
  /// not cost a quiet connection its size for good; a little is kept, so that ordinary ones cost no allocation.
  @inline(__always)
  mutating func keep() {
    if !isPresent {
      if capacity > Self.idleCapacity { release() }
    } else if !isOwn {
      own(room: 0)
    }
  }

  /// Adds to the value, which is then our own.
  @inline(__always)
  mutating func append(_ more: UnsafeRawBufferPointer) {
    if !isOwn || more.count > capacity &- count { own(room: more.count) }
    if let source = more.baseAddress { storage?.advanced(by: count).copyMemory(from: source, byteCount: more.count) }
    count &+= more.count
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    if !isOwn || capacity == count { own(room: 1) }
    storage?.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count &+= 1
  }

  /// Back to no value.
  @inline(__always)
  mutating func clear() {
    start = nil
    count = 0
  }

  @inline(__always)
  private var isOwn: Bool { start == UnsafeRawPointer(storage) && start != nil }

  /// Brings the value into `storage`, with room behind it.
  @inline(never)
  private mutating func own(room: Int) {
    let needed = count + room
    let foreign = isOwn ? nil : start
    if needed > capacity || storage == nil {
      // By leaps: pages that are never written to cost no memory, and copies of a large value do. The last piece of the
      // heap and a mapping of its own grow without being copied.
      capacity = max(needed + needed / 2, 4 * capacity, 64)
      storage = realloc(storage, capacity)
      precondition(storage != nil, "Out of memory.")
    }
    if let foreign { storage?.copyMemory(from: foreign, byteCount: count) }
    start = UnsafeRawPointer(storage)
  }

  /// Back to no value, and no memory.
  @inline(never)
  mutating func release() {
    clear()
    free(storage)
    storage = nil
    capacity = 0
  }

  private static var idleCapacity: Int { 64 << 10 }
}
