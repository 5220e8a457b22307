@testable import EventStreamServer
import TestSupport
import Testing

/// The parts without a socket.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ValueTests {
  // MARK: Header fields

  @Test func fieldsKeepOrderAndRepetition() {
    var fields: HTTPFields = ["A": "1", "b": "2"]
    fields.append("a", "3")
    #expect(fields["a"] == "1")
    #expect(fields.values(of: "A") == ["1", "3"])
    #expect(fields.map(\.name) == ["A", "b", "a"])
    fields["A"] = "4"
    #expect(fields.map(\.value) == ["2", "4"])
    fields["B"] = nil
    #expect(fields.map(\.name) == ["A"])
    #expect(fields["é"] == nil)
  }

  // MARK: Targets

  @Test(
    arguments: [
      ("/", "/", nil), ("/a/b?c=d?e", "/a/b", "c=d?e"), ("/a?", "/a", ""), ("/a%2Fb", "/a%2Fb", nil),
      ("http://host:80/a?b", "/a", "b"), ("HTTPS://host", "/", nil), ("http://host?b", "/", "b"), ("*", "*", nil),
      ("", "", nil), ("/redirect?to=http://host/", "/redirect", "to=http://host/"),
    ] as [(String, String, String?)])
  func targetHasAPathAndAQuery(target: String, path: String, query: String?) {
    let request = HTTPRequest(target: target)
    #expect(request.path == path)
    #expect(request.query == query)
  }

  // MARK: Refusals

  @Test(
    arguments: [
      ("GET", ["Host": "a"], nil), ("GET", ["Host": "a", "Content-Length": "0"], nil),
      ("POST", ["Host": "a", "Content-Length": "3"], nil),
      ("POST", ["Host": "a", "Transfer-Encoding": "chunked"], nil),
      ("GET", [:], 400), ("GET", ["Host": "a", "host": "a"], 400), ("GET", ["Host": "a", "Content-Length": "1"], 400),
      ("DELETE", ["Host": "a", "transfer-encoding": "x"], 400),
      ("POST", ["Host": "a", "Content-Length": "3", "content-length": "3"], 400),
      ("POST", ["Host": "a", "Content-Length": "3", "Transfer-Encoding": "chunked"], 400),
    ] as [(String, HTTPFields, Int?)])
  func refusals(method: String, fields: HTTPFields, status: Int?) {
    #expect(RequestRules.refusal(of: HTTPRequest(method: method, target: "/", fields: fields))?.status == status)
  }

  // MARK: Access records

  @Test func logLineCannotBeForged() {
    let request = HTTPRequest(
      method: "G\u{1B}[31mT", target: "/\"\\\r\n\u{7F}é\u{2028}", remote: SocketAddress(host: "::1", port: 9))
    #expect(
      AccessRecord(request, status: 404).description
        == #"[::1]:9 - "G\x1B[31mT /\x22\x5C\x0D\x0A\x7F\xC3\xA9\xE2\x80\xA8 HTTP/1.1" 404"#)
  }

  // MARK: The history

  private func contents(_ ring: EventRing) -> [[UInt8]] {
    var cursor = ring.oldest
    var frames: [[UInt8]] = []
    while let frame = ring.next(&cursor) { frames.append(frame) }
    return frames
  }

  @Test func historyIsBoundedByCount() {
    var ring = EventRing(limit: .init(events: 3))
    #expect(contents(ring) == [])
    for number in 1...100 {
      ring.append([UInt8(number)])
      #expect(contents(ring) == (max(1, number - 2)...number).map { [UInt8($0)] })
      #expect(ring.latest == UInt64(number))
    }
  }

  @Test func historyIsBoundedByBytes() {
    var ring = EventRing(limit: .init(events: 100, bytes: 10))
    for size in [4, 4, 2, 1, 9, 5, 5, 11] { ring.append(Array(repeating: UInt8(size), count: size)) }
    // The latest is kept even though it is too large.
    #expect(contents(ring).map(\.count) == [11])
    ring.append([1])
    #expect(contents(ring).map(\.count) == [1])
  }

  @Test func cursorThatFellBehindGetsTheLatest() {
    var ring = EventRing(limit: .init(events: 2))
    for number in 1...5 { ring.append([UInt8(number)]) }
    var cursor: UInt64 = 2
    #expect(ring.next(&cursor) == [5])
    #expect(cursor == 6)
    #expect(ring.next(&cursor) == nil)
    ring.append([6])
    #expect(ring.next(&cursor) == [6])
  }
}
