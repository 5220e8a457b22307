import TestSupport
import Testing

@testable import EventStream

struct PackedEventsTests {
  @Test func whatIsTakenOutIsWhatWasPutIn() {
    let stream = """
      data: first, without an id

      id: 1
      event: status
      data: second
      data: of two lines

      data: third, with the id of the second

      id: 1
      data: its id is said again

      id
      data: no id any more

      event: \u{0421}\u{0442}\u{0430}\u{0442}\u{0443}\u{0441}
      data: \u{1F600}

      data


      """
    let bytes = Array(stream.utf8)
    let events = EventParser.events(in: bytes, lastEventID: "0")
    #expect(events.map(\.id) == ["0", "1", "1", "1", "", "", ""])
    for split in 0...events.count {
      var packed = PackedEvents()
      var taken: [ServerSentEvent] = []
      func takeOut() {
        var reader = PackedEvents.Reader(packed.takeAll())
        while let event = reader.next() { taken.append(event) }
      }
      var parser = EventParser(lastEventID: "0")
      var count = 0
      bytes.withUnsafeBytes { bytes in
        try? parser.feed(bytes) { item in
          switch item {
          case .event(let event):
            packed.append(event)
            count += 1
            if count == split { takeOut() }
          default: break
          }
        }
      }
      takeOut()
      #expect(packed.isEmpty)
      #expect(taken == events)
    }
  }
}
