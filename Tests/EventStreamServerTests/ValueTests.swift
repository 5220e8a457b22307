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
      ("http://host/\u{301}a?\u{301}b", "/\u{301}a", "\u{301}b"), ("", "", nil),
      ("/redirect?to=http://host/", "/redirect", "to=http://host/"),
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
    let request = HTTPRequest(method: method, target: "/", fields: fields)
    #expect(RequestRules.refusal(of: request, RequestFraming(fields))?.status == status)
  }

  // MARK: Access records

  @Test func logLineCannotBeForged() {
    let request = HTTPRequest(
      method: "G\u{1B}[31mT", target: "/\"\\\r\n\u{7F}é\u{2028}", remote: SocketAddress(host: "::1", port: 9))
    #expect(
      AccessRecord(request, status: 404).description
        == #"[::1]:9 - "G\x1B[31mT /\x22\x5C\x0D\x0A\x7F\xC3\xA9\xE2\x80\xA8 HTTP/1.1" 404"#)
  }
}
