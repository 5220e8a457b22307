import IOQueue
import TestSupport
import Testing

@testable import EventStreamClient

struct ConnectGateTests {
  /// A gate that the expectations may change.
  private final class Gate<Key: Hashable> {
    private var gate: ConnectGate<Key>
    private let transfer: CurlTransfer

    init(width: Int = 64, _ transfer: CurlTransfer) {
      gate = ConnectGate(width: width, memory: .seconds(50))
      self.transfer = transfer
    }

    var count: Int { gate.count }

    func enter(_ key: Key, needsNoLookup: Bool = false, at now: Duration = .zero) -> Bool {
      gate.enter(transfer, key, needsNoLookup: needsNoLookup, at: now)
    }

    func leave(_ key: Key, isKnown: Bool, at now: Duration = .zero) { gate.leave(key, isKnown: isKnown, at: now) }

    func takesWaiting(_ key: Key, at now: Duration = .zero) -> Int {
      gate.takeWaiting(forLookupOf: key, at: now).count
    }

    func admits(_ key: Key, at now: Duration = .zero) -> Bool { gate.admit(key, at: now) === transfer }
  }

  private func transfer() throws -> CurlTransfer {
    let source = EventSource("http://a.example/")
    let url = try CurlURL(source.request.url)
    let engine = try Engines.engine(for: source.transport)
    return CurlTransfer(source.request, to: url, lastEventID: "", for: source, on: engine)
  }

  @Test func hostIsLookedUpByOneAloneAndThenKnown() throws {
    let gate = Gate<String>(width: 2, try transfer())
    #expect(gate.enter("a"))
    #expect(!gate.enter("a"))
    #expect(!gate.enter("a"))
    #expect(!gate.enter("a"))
    #expect(!gate.admits("a"))
    gate.leave("a", isKnown: true)
    #expect(gate.admits("a"))
    #expect(gate.admits("a"))
    #expect(!gate.admits("a"))
    // Another host is another matter.
    #expect(gate.enter("b"))
  }

  /// However long the others wait: a stream that comes back again and again is a new transfer each time.
  @Test func whatWasLetThroughIsLetGo() throws {
    var gate = ConnectGate<String>(width: 1)
    func enters(_ transfer: CurlTransfer) -> Bool { gate.enter(transfer, "a", needsNoLookup: false, at: .zero) }
    #expect(enters(try transfer()))
    for _ in 1...3 { #expect(!enters(try transfer())) }
    for _ in 1...10 {
      gate.leave("a", isKnown: false, at: .zero)
      guard var next = gate.admit("a", at: .zero) else { throw SocketError("nobody was let through") }
      let isLetGo = isKnownUniquelyReferenced(&next)
      #expect(isLetGo)
      #expect(!enters(next))
    }
  }

  @Test func whoWaitsForAPlaceDoesNotWaitForTheLookup() throws {
    let gate = Gate<String>(width: 1, try transfer())
    #expect(gate.takesWaiting("a") == 0)
    #expect(gate.enter("a"))
    for _ in 1...3 { #expect(!gate.enter("a")) }
    #expect(gate.takesWaiting("a") == 3)
    #expect(!gate.enter("a"))
    gate.leave("a", isKnown: true)
    #expect(gate.takesWaiting("a") == 0)
    #expect(gate.admits("a"))
  }

  @Test func lookupThatFailsIsThatOfAllWhoWaitForIt() async throws {
    let engine = try Engines.engine(for: .init())
    let order = Recorder<String>()
    engine.io.perform {
      // A name that is too long to be asked for.
      let source = EventSource("http://\(String(repeating: "x", count: 64)).invalid/", reconnection: .never)
      for number in 1...3 {
        source.open(
          onEvent: { _, _ in },
          onEnd: { end in
            guard case .failure(.connectionFailed(let reason)) = end else { return order.append("\(end)") }
            order.append("\(number): \(reason.prefix(20))")
            if number == 1 { engine.io.perform { order.append("the next turn") } }
          })
      }
    }
    let reason = "cannot find the host"
    #expect(try await order.wait(count: 4) == ["1: \(reason)", "2: \(reason)", "3: \(reason)", "the next turn"])
  }

  @Test func originsThatNobodyUsesAreForgotten() throws {
    let gate = Gate<String>(try transfer())
    #expect(gate.enter("used"))
    for second in 1...10_000 {
      let (origin, now) = ("\(second)", Duration.seconds(second))
      #expect(gate.enter(origin, needsNoLookup: second % 2 == 0, at: now))
      gate.leave(origin, isKnown: second % 3 == 0, at: now)
      #expect(!gate.admits(origin, at: now))
    }
    #expect(gate.count <= 128)
    // As long as one is on its way nobody else looks the name up.
    #expect(!gate.enter("used", at: .seconds(10_000)))
  }

  @Test func originsInUseAreAllKept() throws {
    let gate = Gate<Int>(try transfer())
    for origin in 0..<1000 { #expect(gate.enter(origin)) }
    #expect(gate.count == 1000)
    for origin in 0..<1000 { #expect(!gate.enter(origin)) }
  }
}
