internal import Glibc

/// A thread for one piece of work, that ends with it.
///
/// It has the priority of who starts it. Dispatch gives its threads those of their queues by setpriority(2), which an
/// ordinary user may only lower: for each refusal there is a line in the system's log, and a thread that was lowered
/// once, as those that it starts, is so for good.
package enum DetachedThread {
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// - Throws: if the system has no thread left.
  package static func start(_ body: @escaping @Sendable () -> Void) throws(IOError) {
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { work in
        Unmanaged<Work>.fromOpaque(work!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw IOError(code, doing: "create a thread")
    }
    pthread_detach(thread)
  }
}
