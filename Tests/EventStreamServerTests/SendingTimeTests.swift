import IOQueue
import TestSupport
import Testing

@testable import EventStreamServer

/// When an event is sent, told in the event.
@Suite(.paced, .timeLimit(.minutes(3)))
struct SendingTimeTests {
  private static func times(_ body: String) -> [(number: Int, time: Double)] {
    body.matches(of: /data: x*{"n":(\d+),"sent":(\d{10}\.\d{6})}\n/).compactMap { match in
      guard let number = Int(match.output.1), let time = Double(match.output.2) else { return nil }
      return (number, time)
    }
  }

  private static func data(_ number: Int, after filling: Int = 0) -> String {
    String(repeating: "x", count: filling) + "{\"n\":\(number),\"sent\":\(EventChannel.sendingTime)}"
  }

  /// Whoever comes late is told when the event was sent to it, not when it was to others.
  @Test(arguments: [true, false], [nil, "E-0", "gone-1"])
  func eachSubscriberHasItsOwn(writesDirectly: Bool, lastEventID: String?) async throws {
    let it = try Fixture(configured { $0.writesDirectly = writesDirectly })
    let first = try await it.subscriber()
    let before = WallClock.now
    it.channel.publish(Self.data(1), tellsSendingTime: true)
    let early = try #require(Self.times(try await first.body(until: "}\n\n")).first)
    let between = WallClock.now
    let second = try await it.subscriber(lastEventID: lastEventID)
    let late = try #require(Self.times(try await second.body(until: "}\n\n")).first)
    // To the microsecond, rounded down.
    #expect(before - 0.000_002 <= early.time && early.time <= between)
    #expect(between - 0.000_002 <= late.time && late.time <= WallClock.now)
    await it.server.stop()
  }

  /// The place may lie across the buffers that events leave by.
  @Test(arguments: [true, false], [0, 16_200, 16_310, 16_320, 16_330, 16_340, 16_350, 40_000])
  func sizesDoNotMatter(writesDirectly: Bool, filling: Int) async throws {
    let it = try Fixture(
      configured { $0.writesDirectly = writesDirectly }, history: .init(events: 9, bytes: .max, eventsPerChannel: 9))
    let client = try await it.subscriber(receiveBuffer: 4096)
    for number in 1...3 { it.channel.publish(Self.data(number, after: filling), tellsSendingTime: true) }
    it.channel.finish()
    let late = try await it.subscriber()
    for stream in [client, late] {
      let times = Self.times(try await stream.bodyToEnd())
      #expect(times.last?.number == 3)
      #expect(times.map(\.time) == times.map(\.time).sorted())
    }
    await it.server.stop()
  }

  @Test func placeIsInTheData() {
    let time = EventChannel.sendingTime
    for (data, place) in [("x", -1), ("x\(time)", 40)] {
      let frame = EventBlock(type: time, data: data, tellsSendingTime: true).frame(
        number: 1, after: Array("id: E-".utf8))
      #expect(String(decoding: frame.bytes, as: UTF8.self) == "event: \(time)\nid: E-1\ndata: \(data)\n\n")
      #expect(frame.sendingTime == place)
    }
  }

  /// Nothing is written into events that have no place for it, or did not ask for it.
  @Test func othersAreLeftAlone() async throws {
    let it = try Fixture()
    let client = try await it.subscriber()
    let texts = [
      EventChannel.sendingTime, "{}", "0000000000.00000", "\(EventChannel.sendingTime) \(EventChannel.sendingTime)",
    ]
    it.channel.publish(texts[0])
    it.channel.publish(texts[1], tellsSendingTime: true)
    it.channel.publish(texts[2], tellsSendingTime: true)
    it.channel.publish(texts[3], tellsSendingTime: true)
    it.channel.finish()
    let data = try await client.bodyToEnd().split(separator: "\n").filter { $0.hasPrefix("data: ") }.map {
      $0.dropFirst(6)
    }
    try #require(data.count == 4)
    #expect(data[0] == texts[0])
    #expect(data[1] == texts[1])
    #expect(data[2] == texts[2])
    // Of several places the last.
    #expect(data[3].hasPrefix(EventChannel.sendingTime + " 1"))
    await it.server.stop()
  }
}
