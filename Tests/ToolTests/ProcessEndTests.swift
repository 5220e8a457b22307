import Dispatch
import Foundation
import Glibc
import Testing
import ToolSupport

@Suite(.timeLimit(.minutes(3)))
struct ProcessEndTests {
  /// A thread that logs holds a file's lock for as long as nobody reads the pipe that it writes to.
  @Test func waitsForNobodyWhoWrites() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let isHeld = DispatchSemaphore(value: 0)
      let thread = Thread {
        flockfile(fopen("/dev/null", "w"))
        isHeld.signal()
        while true { pause() }
      }
      thread.start()
      isHeld.wait()
      ProcessEnd.now(7)
    }
  }
}
