import EventStreamServer
import TestSupport
import Testing

@testable import TranslationServer

/// The token of a browser's EventSource, which can send no header.
@Suite(.paced, .timeLimit(.minutes(3)))
struct BrowserTokenTests {
  @Test func urlAndCookieAreForReadingAlone() async throws {
    let hub = try Hub.guarded { $0.subscribeTokens += ["root", "s3cret-too"] }
    let stream = try await hub.stream("/status?access_token=reader")
    #expect(try await stream.body(until: "\n\n").contains("pending"))
    let list = try await hub.request("GET", "/translations?access_token=reader&limit=3")
    #expect(list.status == 200)
    #expect(list.head["Cache-Control"] == "private, no-store")
    for cookie in ["token=reader", "a=b; token=reader; c=d", "xtoken=x;token=reader"] {
      #expect(try await hub.request("GET", "/translations", fields: ["Cookie": cookie]).status == 200)
    }
    for cookie in ["token=", "token=x", "Token=reader", "reader"] {
      #expect(try await hub.request("GET", "/translations", fields: ["Cookie": cookie]).status == 401)
    }
    let password = ["Authorization": "Basic eDp5", "Cookie": "token=reader"]
    #expect(try await hub.request("GET", "/translations", fields: password).status == 200)
    // The header is what was meant.
    let both = bearer("x").merging(["Cookie": "token=reader"]) { $1 }
    #expect(try await hub.request("GET", "/translations", fields: both).status == 401)
    for (method, target) in [("POST", "/translations"), ("DELETE", "/translations/x"), ("GET", "/metrics")] {
      #expect(try await hub.request(method, target + "?access_token=root").status == 401)
      #expect(try await hub.request(method, target, fields: ["Cookie": "token=root"]).status == 401)
    }
    // No answer has the token in it.
    for target in ["/nothing", "/translations", "/translations/x/status", "/translations/events"] {
      for token in ["s3cret", "s3cret-too"] {
        let answer = try await hub.request("GET", target + "?id=x&status=x&access_token=\(token)")
        #expect(400..<500 ~= answer.status)
        let fields = answer.head.headers.map { String(decoding: $0.value, as: UTF8.self) }
        #expect(!answer.body.contains("s3cret") && !fields.joined().contains("s3cret"))
      }
    }
    await hub.server.stop()
  }

  @Test(arguments: [true, false])
  func cookieKeepsToTLSWhereThereIsAny(isSecure: Bool) {
    var access = Access()
    access.subscribeTokens = ["reader"]
    let control = AccessControl(access, isSecure: isSecure)
    var page = EventStreamServer.HTTPResponse(fields: ["Content-Type": "text/html"])
    control.finish(&page, to: HTTPRequest(target: "/?access_token=reader"), .unlimited)
    #expect(page.fields["Set-Cookie"]?.contains("; Secure") == isSecure)
    for (name, value) in [("X-Forwarded-Proto", "https"), ("Forwarded", "for=192.0.2.1;Proto=https")] {
      var page = EventStreamServer.HTTPResponse(fields: ["Content-Type": "text/html"])
      let request = HTTPRequest(target: "/?access_token=reader", fields: [name: value])
      control.finish(&page, to: request, .unlimited)
      #expect(page.fields["Set-Cookie"]?.contains("; Secure") == true)
    }
  }

  @Test func pageTakesTheTokenOutOfItsURL() async throws {
    let hub = try Hub.guarded()
    let answer = try await hub.request(
      "GET", "/status?a=1&access_token=reader&b=2", fields: ["Accept": "text/html"])
    #expect(answer.status == 303)
    #expect(answer.head["Location"] == "./status?a=1&b=2")
    #expect(answer.head["Set-Cookie"] == "token=reader; Path=/; HttpOnly; SameSite=Strict")
    let page = try await hub.request("GET", "/status", fields: ["Accept": "text/html"])
    #expect(page.status == 200 && page.body.contains("<html"))
    #expect(try await hub.request("GET", "/status", fields: ["Accept": "text/html;q=0.1, */*"]).status == 401)
    #expect(try await hub.request("GET", "/?access_token=wrong").status == 401)
    await hub.server.stop()
  }
}
