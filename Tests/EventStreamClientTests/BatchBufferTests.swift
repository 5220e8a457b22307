import Testing

@testable import EventStreamClient

@Suite(.timeLimit(.minutes(1)))
struct BatchBufferTests {
  enum Failure: Error { case cancelled, broken }

  /// What there is to be taken, up to the end.
  private func taken(_ buffer: BatchBuffer<Int, Failure>) async -> (elements: [Int], end: Failure?) {
    var elements: [Int] = []
    while true {
      let taken = await withCheckedContinuation { continuation in
        _ = buffer.take { continuation.resume(returning: $0) }
      }
      switch taken {
      case .batch(let batch): elements += batch
      case .end(let failure): return (elements, failure)
      }
    }
  }

  @Test func firstEndCountsBehindWhatWasPut() async {
    let buffer = BatchBuffer<Int, Failure>(capacity: 10)
    _ = buffer.put([1, 2], cost: 1)
    buffer.finish(.broken)
    buffer.finish(nil)
    _ = buffer.put([3], cost: 1)
    let (elements, end) = await taken(buffer)
    #expect(elements == [1, 2] && end == .broken)
  }

  /// An end that comes behind what was dropped would tell that all has come.
  @Test func whoeverDropsSomethingSaysWhy() async {
    let buffer = BatchBuffer<Int, Failure>(capacity: 10)
    _ = buffer.put([1], cost: 1)
    buffer.finish(nil)
    buffer.finish(.cancelled, discarding: true)
    let (elements, end) = await taken(buffer)
    #expect(elements == [] && end == .cancelled)
  }

  @Test func whoeverDropsNothingLeavesTheEndAsItIs() async {
    let buffer = BatchBuffer<Int, Failure>(capacity: 10)
    buffer.finish(nil)
    buffer.finish(.cancelled, discarding: true)
    #expect(await taken(buffer).end == nil)
  }
}
