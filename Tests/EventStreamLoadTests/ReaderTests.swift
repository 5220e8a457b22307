@testable import EventStreamLoad
import TestSupport
import Testing

/// What a load reads, in pieces of any size.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ReaderTests {
  /// What the reader makes of the bytes, in words.
  private static func read(_ text: String, pieces: Int) throws -> [String] {
    var reader = ResponseReader()
    var parts: [String] = []
    var body = ""
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      try bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { piece in
        var rest = piece
        while let part = try reader.next(in: &rest) {
          switch part {
          case .head(let status, let isEventStream): parts.append("\(status)\(isEventStream ? " stream" : "")")
          case .body(let bytes): body += String(decoding: bytes, as: UTF8.self)
          case .end:
            parts.append(body)
            body = ""
          }
        }
      }
    }
    if !body.isEmpty { parts.append(body + "…") }
    if reader.mayEnd { parts.append(".") }
    return parts
  }

  @Test(arguments: [1, 2, 3, 1000])
  func responsesDoNotDependOnPieces(pieces: Int) throws {
    let chunked =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "5\r\nhello\r\n1A;name=value\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n"
    #expect(
      try Self.read(chunked + chunked, pieces: pieces) == [
        "200 stream", "helloabcdefghijklmnopqrstuvwxyz", "200 stream", "helloabcdefghijklmnopqrstuvwxyz", ".",
      ])
    let length = "HTTP/1.1 202 Accepted\r\ncontent-length: 4\r\n\r\nbody"
    let empty = "HTTP/1.1 204 No Content\r\n\r\n"
    #expect(
      try Self.read("HTTP/1.1 100 Continue\r\n\r\n" + length + empty + length, pieces: pieces)
        == ["202", "body", "204", "", "202", "body", "."])
    #expect(
      try Self.read("HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n", pieces: pieces)
        == ["200 stream", "data: 1\n\n…", "."])
    #expect(try Self.read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", pieces: pieces) == ["200", "half…"])
    #expect(
      try Self.read(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nTrailer: a\r\n\r\n", pieces: pieces)
        == ["200", "x", "."])
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\n", false), ("HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\n", true),
    ("HTTP/1.0 200 OK\r\n", true), ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", false),
    ("HTTP/1.1 200 OK\r\nConnection: closed\r\n", false),
  ])
  func lastResponseOfAConnectionSaysSo(head: String, isLast: Bool) throws {
    var reader = ResponseReader()
    try Array((head + "Content-Length: 0\r\n\r\n").utf8).withUnsafeBytes { bytes in
      var rest = bytes
      while try reader.next(in: &rest) != nil {}
    }
    #expect(reader.isLast == isLast)
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nbody", "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nbody",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nbody",
  ])
  func garbageIsNamed(text: String) {
    for pieces in [1, 2, 1000] {
      #expect(throws: ResponseReader.Malformed.self) { try Self.read(text, pieces: pieces) }
    }
  }

  @Test func endlessHeadIsGarbage() {
    #expect(throws: ResponseReader.Malformed.self) {
      try Self.read("HTTP/1.1 200 OK\r\n" + String(repeating: "X: y\r\n", count: 20_000), pieces: 4096)
    }
  }

  @Test(arguments: [
    (#"{"timestamp":1733752895.634396,"status":"pending"}"#, 1_733_752_895_634_396_000 as UInt64?),
    (#"{"status":"pending","timestamp": 1733752895}"#, 1_733_752_895_000_000_000),
    ("1733752895.5", 1_733_752_895_500_000_000),
    (#"{"timestamp":1733752895.63439612345678}"#, 1_733_752_895_634_396_123),
    (#"{"status":"timestamp"}"#, nil), ("", nil), ("hello", nil), (#"{"timestamp":"x"}"#, nil),
    (#"{"timestamp":99999999999999999999}"#, nil), (#"{"timestamp":"#, nil),
  ])
  func timesAreFound(data: String, expected: UInt64?) {
    var finder = TimestampFinder(key: "timestamp")
    for _ in 1...2 { #expect(Array(data.utf8).withUnsafeBytes { finder.time(in: $0) } == expected) }
  }

  @Test func templatesAreFilledIn() {
    let template = Template(#"{"n":{n},"t":{time},"s":{sequence},"x":"{}{nn}"}"#)
    #expect(
      template.text(topic: 3, time: 1_733_752_895_000_042_999, sequence: 7)
        == #"{"n":3,"t":1733752895.000042,"s":7,"x":"{}{nn}"}"#)
    #expect(Template("").text(topic: 1) == "")
    #expect(Template("{n}{n}").text(topic: 12) == "1212")
  }

  @Test func laterEventsStandForEarlierOnes() {
    var outstanding = Outstanding(topics: 6)
    var (one, two) = (0, 0)
    outstanding.publish(topic: 0, at: 100, to: 2)
    outstanding.publish(topic: 0, at: 200, to: 2)
    outstanding.publish(topic: 1, at: 300, to: 0)
    #expect(outstanding.count == 2)
    one = outstanding.deliver(topic: 0, time: 99, after: one)
    one = outstanding.deliver(topic: 0, time: 250, after: one)
    #expect(outstanding.count == 2)
    two = outstanding.deliver(topic: 0, time: 100, after: two)
    #expect(outstanding.count == 1)
    two = outstanding.deliver(topic: 0, time: 100, after: two)
    #expect(outstanding.count == 1)
    outstanding.leave(topic: 0, after: two)
    #expect(outstanding.count == 0)
  }

  @Test func nobodyWaitsForAnEventThatWasWithdrawn() {
    var outstanding = Outstanding(topics: 6)
    var (one, two) = (0, 0)
    let numbers = [100, 200, 300].map { outstanding.publish(topic: 0, at: $0, to: 2) }
    one = outstanding.deliver(topic: 0, time: 100, after: one)
    outstanding.withdraw(topic: 0, number: numbers[0])
    outstanding.withdraw(topic: 0, number: numbers[0])
    #expect(outstanding.count == 2)
    #expect(outstanding.deliveries == 5)
    outstanding.withdraw(topic: 0, number: numbers[1])
    #expect(outstanding.count == 1)
    // Also of those who tell no time the next one is the third.
    one = outstanding.deliver(topic: 0, time: nil, after: one)
    two = outstanding.deliver(topic: 0, time: nil, after: two)
    #expect(outstanding.count == 0)
  }

  @Test func eventsWithoutATimeAreTakenInTurn() {
    var outstanding = Outstanding(topics: 6)
    var seen = 0
    for time in 1...3 { outstanding.publish(topic: 5, at: UInt64(time), to: 1) }
    for left in [2, 1, 0] {
      seen = outstanding.deliver(topic: 5, time: nil, after: seen)
      #expect(outstanding.count == left)
    }
  }
}
