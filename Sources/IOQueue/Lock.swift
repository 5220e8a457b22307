internal import Glibc

/// A lock. Nothing is ever called out with it held.
///
/// `Synchronization.Mutex` would do, but for the thread sanitizer: a contended one waits in the kernel and in code that
/// the sanitizer does not see, and it reports races that are none.
// Sendable: a pthread mutex is made to be shared.
package struct Lock: ~Copyable, @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  package init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  package func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock()
    defer { unlock() }
    return try body()
  }

  private func lock() { pthread_mutex_lock(mutex) }

  private func unlock() { pthread_mutex_unlock(mutex) }
}

/// A value that threads share, behind a lock. Nothing is ever called out with the lock held.
// Sendable: `value` is touched with the lock held alone.
package final class Locked<Value>: @unchecked Sendable {
  private var value: Value
  private let lock = Lock()

  package init(_ value: sending Value) { self.value = value }

  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try lock.locked { try body(&value) }
  }
}
