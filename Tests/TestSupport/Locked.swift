import Foundation

/// A value and its lock. Any thread may call `withLock`.
///
/// Not `Synchronization.Mutex`: what that does once threads contend happens in the kernel and in a library that isn't
/// instrumented, and the thread sanitizer then reports races that are none. It knows pthread's lock, which this uses.
package final class Locked<Value>: @unchecked Sendable {
  // Proof for @unchecked: `value` is touched in `withLock` only.
  private let lock = NSLock()
  private var value: Value

  package init(_ value: sending Value) { self.value = value }

  /// `body` may only touch the value: it runs under the lock.
  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
