import Foundation
import Glibc
import TestSupport
import Testing
import ToolSupport

/// What a service manager passes, and what it is told.
@Suite(.timeLimit(.minutes(1)))
struct ServiceManagerTests {
  private func manager(_ variables: [String: String]) -> ServiceManager {
    ServiceManager(processID: 42) { variables[$0] }
  }

  @Test func passedSocketsAreForOneProcess() {
    #expect(manager(["LISTEN_PID": "42", "LISTEN_FDS": "2"]).listeningDescriptors == [3, 4])
    #expect(manager(["LISTEN_PID": "43", "LISTEN_FDS": "2"]).listeningDescriptors == [])
    #expect(manager(["LISTEN_FDS": "2"]).listeningDescriptors == [])
    #expect(manager([:]).listeningDescriptors == [])
    for count in ["", "-1", "x", "0"] {
      #expect(manager(["LISTEN_PID": "42", "LISTEN_FDS": count]).listeningDescriptors == [])
    }
  }

  @Test func watchdogIsForOneProcess() {
    #expect(manager(["WATCHDOG_USEC": "30000000"]).watchdog == .seconds(30))
    #expect(manager(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"]).watchdog == .seconds(30))
    #expect(manager(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"]).watchdog == nil)
    for time in ["", "0", "-5", "x"] { #expect(manager(["WATCHDOG_USEC": time]).watchdog == nil) }
  }

  @Test(arguments: [false, true]) func notificationsAreDatagrams(isAbstract: Bool) throws {
    let inbox = try NotifySocket(isAbstract: isAbstract)
    let manager = manager(["NOTIFY_SOCKET": inbox.name])
    #expect(manager.isListening)
    #expect(manager.notify("READY=1", "STATUS=here"))
    #expect(inbox.receive() == "READY=1\nSTATUS=here")
    #expect(manager.notify("STOPPING=1"))
    #expect(inbox.receive() == "STOPPING=1")
  }

  @Test func nobodyListens() {
    #expect(!manager([:]).isListening && !manager([:]).notify("READY=1"))
    #expect(!manager(["NOTIFY_SOCKET": ""]).isListening)
    for name in ["/nowhere/at/all", "@nobody-\(getpid())", "relative", "/" + String(repeating: "x", count: 200)] {
      #expect(!manager(["NOTIFY_SOCKET": name]).notify("READY=1"))
    }
  }
}
