import EventStreamServer
import TestSupport
import Testing

/// Where a server listens, and what it says when it cannot.
@Suite(.paced, .timeLimit(.minutes(3)))
struct StartTests {
  private func start(_ host: String, _ port: Int = 0) throws -> (HTTPServer, SocketAddress) {
    let server = try HTTPServer(.init(host: host, port: port))
    return (server, try server.start { _ in Response(status: 204) })
  }

  @Test(arguments: [
    ("::1", Loopback.v6), ("[::1]", .v6), ("127.0.0.1", .v4), ("localhost", .v4), ("::", .v4), ("::", .v6),
  ])
  func listensWhereItIsTold(host: String, from: Loopback) async throws {
    let accesses = Recorder<AccessRecord>()
    let server = try HTTPServer(.init(host: host, port: 0))
    let address = try server.start(onAccess: { accesses.append($0) }) { _ in Response(status: 204) }
    #expect(address.port > 0)
    let client = try await RawClient(port: UInt16(address.port), host: from)
    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await client.response().status == 204)
    let remote = try await accesses.wait(count: 1)[0].remote
    #expect(remote.description == "\(from.urlHost):\(client.localPort)")
    await server.stop()
  }

  @Test func addressReadsAsInAURL() throws {
    #expect(SocketAddress(host: "::1", port: 80).description == "[::1]:80")
    #expect(SocketAddress(host: "127.0.0.1", port: 80).description == "127.0.0.1:80")
  }

  /// A process that some other test starts at this moment has the listener, too, until its exec closes it.
  private func startWhenFree(_ server: HTTPServer) async throws {
    for _ in 1...1000 {
      do {
        try server.start { _ in Response(status: 204) }
        return
      } catch ServerError.addressInUse {
        await Task.yield()
      }
    }
    try server.start { _ in Response(status: 204) }
  }

  /// On an address of its own, where no other test takes the port meanwhile.
  @Test func portInUse() async throws {
    let (server, address) = try start("127.0.0.71")
    #expect(throws: ServerError.addressInUse(address)) { try start("127.0.0.71", address.port) }
    #expect(
      ServerError.addressInUse(address).description
        == "port \(address.port) on 127.0.0.71 is in use: stop the server that listens there, or choose another port")
    await server.stop()
    // At once, although the old connections' addresses are still in TIME_WAIT.
    let again = try HTTPServer(.init(host: "127.0.0.71", port: address.port))
    try await startWhenFree(again)
    await again.stop()
  }

  @Test func failedStartCanBeTriedAgain() async throws {
    let (server, address) = try start("127.0.0.72")
    let second = try HTTPServer(.init(host: "127.0.0.72", port: address.port))
    #expect(throws: ServerError.addressInUse(address)) { try second.start { _ in Response() } }
    await server.stop()
    try await startWhenFree(second)
    await second.stop()
  }

  @Test(arguments: ["no.such.host.invalid", "192.0.2.1", ""])
  func hostThatIsNotHere(host: String) throws {
    #expect {
      try start(host)
    } throws: { error in
      if case .unusableHost(host, reason: _) = error as? ServerError { true } else { host.isEmpty }
    }
  }

  @Test func startAfterStop() async throws {
    let server = try HTTPServer(fixtureConfiguration)
    await server.stop()
    #expect(throws: ServerError.stopped) { try server.start { _ in Response() } }
  }

  @Test func startingTwiceTraps() async {
    await #expect(processExitsWith: .failure) {
      let server = try HTTPServer(fixtureConfiguration)
      try server.start { _ in Response() }
      try server.start { _ in Response() }
    }
  }
}
