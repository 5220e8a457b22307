/// A TCP client that sends and reads just what a test says, for testing a server.
///
///     let client = try await RawClient(port: server.port)
///     try await client.send("GET /status HTTP/1.1\r\nHost: a\r\n\r\n")
///     let response = try await client.response()
///     #expect(response.status == 200)
///     #expect(try await client.body(until: "\n\n") == "data: {}\n\n")
///     try await client.closedByServer()
///
/// Any thread and any task may call any member, one reading call at a time. It stays open until `close` or `reset`,
/// also when nobody holds it.
package final class RawClient: Sendable {
  private let wire: Wire

  /// This end's port, as the server's log shows it.
  package var localPort: UInt16 { wire.port }

  /// Connects over loopback, from the IPv4 address `source` if there is one. A small `receiveBuffer` (bytes; the kernel doubles it) with `reading` false makes a client
  /// that stalls its server soon.
  package init(
    port: UInt16, host: Loopback = .v4, from source: String? = nil, receiveBuffer: Int32? = nil, reading: Bool = true,
    within limit: Duration = safetyLimit
  ) async throws {
    let outcome = Watched<Result<Int32, any Error>?>(nil)
    detachThread("connect") {
      let result = Result { try host.connect(port: port, from: source, receiveBuffer: receiveBuffer) }
      outcome.update { $0 = result }
    }
    let descriptor = try await outcome.wait(for: "a connection to port \(port)", within: limit) { try $0?.get() }
    wire = Wire(descriptor, reads: reading)
  }

  // MARK: Sending. Returns when the kernel has taken all, throws when the connection is gone.

  package func send(_ text: String, within limit: Duration = safetyLimit) async throws {
    try await wire.send(Array(text.utf8), within: limit)
  }

  package func send(_ bytes: [UInt8], within limit: Duration = safetyLimit) async throws {
    try await wire.send(bytes, within: limit)
  }

  // MARK: Reading bytes. Each call takes what it returns; what follows is left for the next one.

  /// The bytes through the end of `delimiter`; throws when the server closes before.
  package func read(until delimiter: String, within limit: Duration = safetyLimit) async throws -> String {
    try await take("\(delimiter.debugDescription)", limit) { incoming in
      incoming.unread.take(through: Array(delimiter.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// The next `count` bytes; throws when the server closes before.
  package func read(count: Int, within limit: Duration = safetyLimit) async throws -> [UInt8] {
    try await take("\(count) bytes", limit) { $0.unread.take(count: count) }
  }

  /// All that comes until the server closes, by FIN or RST.
  package func readToEnd(within limit: Duration = safetyLimit) async throws -> String {
    try await take("the end", limit) { incoming in
      guard incoming.isComplete else { return nil }
      return String(decoding: incoming.unread.take(count: incoming.unread.count) ?? [], as: UTF8.self)
    }
  }

  /// Bytes that came so far, taken or not.
  package var bytesReceived: Int { wire.incoming.value.total }

  /// Returns once `count` bytes have come since the connection opened; takes none.
  package func wait(bytesReceived count: Int, within limit: Duration = safetyLimit) async throws {
    try await take("\(count) bytes in all", limit) { $0.total >= count ? () : nil }
  }

  /// From here on bytes stay in the kernel, until its buffer is full and the server stalls.
  package func stopReading() { wire.setReading(false) }

  package func startReading() { wire.setReading(true) }

  // MARK: Reading HTTP. First the head, then pieces of its body without their framing, then maybe the next head.

  /// The head of the next response. `method` is the request's: it decides whether a body follows.
  package func response(to method: String = "GET", within limit: Duration = safetyLimit) async throws -> HTTPResponse {
    try await take("a response head", limit) { incoming in
      guard let head = try HTTPHead.take(from: &incoming.unread) else { return nil }
      let response = try HTTPResponse(head)
      incoming.body = try HTTPBodyDecoder(of: response, toMethod: method)
      return response
    }
  }

  /// The body's bytes through the end of `delimiter`; throws when the body ends before.
  package func body(until delimiter: String, within limit: Duration = safetyLimit) async throws -> String {
    try await takeBody("\(delimiter.debugDescription) in a body", limit) { body in
      if let piece = body.decoded.take(through: Array(delimiter.utf8)) { return piece }
      if body.isComplete { throw SocketError("the body ended before \(delimiter.debugDescription)") }
      return nil
    }
  }

  /// The rest of the body; throws when the connection closes inside of it.
  package func bodyToEnd(within limit: Duration = safetyLimit) async throws -> String {
    try await takeBody("the end of a body", limit) { body in
      body.isComplete ? body.decoded.take(count: body.decoded.count) : nil
    }
  }

  /// The sizes of the chunks of the body so far, as the server cut it.
  package var chunkSizes: [Int] { wire.incoming.value.body?.chunkSizes ?? [] }

  private func takeBody(
    _ what: String, _ limit: Duration, _ take: @escaping @Sendable (inout HTTPBodyDecoder) throws -> [UInt8]?
  ) async throws -> String {
    try await self.take(what, limit) { incoming in
      guard incoming.body != nil else { throw HTTPError("a body is read after its head: call response() before") }
      try incoming.body!.feed(&incoming.unread, isAtEnd: incoming.isComplete)
      return try take(&incoming.body!).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private func take<Value: Sendable>(
    _ what: String, _ limit: Duration, _ take: @escaping @Sendable (inout Wire.Incoming) throws -> Value?
  ) async throws -> Value {
    try await wire.incoming.wait(for: what, within: limit) { incoming in
      if let value = try take(&incoming) { return value }
      if incoming.isComplete { throw SocketError("the connection closed before \(what) came: \(incoming)") }
      return nil
    }
  }

  // MARK: Ending

  /// FIN after what was sent; the server's bytes are still read.
  package func shutdownWrite() { wire.shutdownWrite() }

  /// FIN at once (RST if bytes came that were not read); a `send` that still waits fails.
  package func close() { wire.close(.close) }

  /// RST at once.
  package func reset() { wire.close(.reset) }

  /// How a server closed.
  package enum Closing: Sendable { case finished, reset }

  /// Suspends until the server's FIN or RST, also while nothing is read; returns when it was seen.
  @discardableResult
  package func closedByServer(
    within limit: Duration = safetyLimit
  ) async throws -> (how: Closing, instant: ContinuousClock.Instant) {
    try await wire.incoming.wait(for: "the server to close", within: limit) { incoming in
      if let hangup = incoming.hangup { return (hangup.kind == .reset ? .reset : .finished, hangup.instant) }
      if incoming.isComplete { throw SocketError("the test closed this connection, not the server") }
      return nil
    }
  }

  /// True once the server has sent FIN or RST.
  package var isClosedByServer: Bool { wire.incoming.value.hangup != nil }
}
