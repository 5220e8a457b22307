/// A `ScriptedPeer`'s end of one connection: reads requests, sends what the script says, bytes for bytes.
///
/// Any thread and any task may call any member. It stays open until the script says `close` or `reset`, also when
/// nobody holds it.
package final class PeerConnection: Sendable {
  /// When it was accepted.
  package let accepted: ContinuousClock.Instant
  private let wire: Wire
  private let requests: Recorder<RecordedRequest>

  init(_ descriptor: Int32, recordingIn requests: Recorder<RecordedRequest>, reading: Bool) {
    accepted = .now
    wire = Wire(descriptor, reads: reading)
    self.requests = requests
  }

  /// The next request on this connection, which is then in the peer's `requests` too.
  /// Throws when the client closes before it is complete, or when it isn't HTTP/1.1.
  package func request(within limit: Duration = safetyLimit) async throws -> RecordedRequest {
    let request = try await wire.incoming.wait(for: "a request", within: limit) { incoming in
      if let request = try RecordedRequest.take(from: &incoming.unread) { return request }
      if incoming.isComplete { throw SocketError("no request came: \(incoming)") }
      return nil
    }
    requests.append(request)
    return request
  }

  /// Reads until `count` bytes have come in all, or a little more, and then no further. Returns how many did.
  package func read(count: Int, within limit: Duration = safetyLimit) async throws -> Int {
    wire.setReading(true)
    defer { wire.setReading(false) }
    return try await wire.incoming.wait(for: "\(count) bytes in all", within: limit) { incoming in
      if incoming.total >= count { return incoming.total }
      if incoming.isComplete { throw SocketError("the client closed: \(incoming)") }
      return nil
    }
  }

  // MARK: Sending. Each call returns when the kernel has taken all of it, throws when the connection is gone, and
  // sends keep their order. A client that does not read keeps the call suspended, never a thread of the test's.

  package func send(_ bytes: [UInt8], within limit: Duration = safetyLimit) async throws {
    try await wire.send(bytes, within: limit)
  }

  package func send(_ text: String, within limit: Duration = safetyLimit) async throws {
    try await wire.send(Array(text.utf8), within: limit)
  }

  /// A status line, `headers` and the empty line; adds no field of its own.
  package func sendHead(
    status: Int = 200, reason: String = "Scripted", headers: KeyValuePairs<String, String> = [:]
  ) async throws {
    let fields = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
    try await send("HTTP/1.1 \(status) \(reason)\r\n\(fields)\r\n")
  }

  /// A whole response with a `Content-Length`.
  package func respond(
    status: Int = 200, headers: KeyValuePairs<String, String> = [:], body: String = ""
  ) async throws {
    let fields = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
    try await send("HTTP/1.1 \(status) Scripted\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// The head of an event stream. Chunked: go on with `sendChunk`, `endChunks`; else with `send`, and `close` ends it.
  package func respondEventStream(
    chunked: Bool = true, headers: KeyValuePairs<String, String> = [:]
  ) async throws {
    let fields = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
    let framing = chunked ? "Transfer-Encoding: chunked\r\n" : "Connection: close\r\n"
    try await send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\(framing)\(fields)\r\n")
  }

  /// `text` as one chunk; an empty one sends nothing, for it would be the last chunk.
  package func sendChunk(_ text: String) async throws { try await sendChunk(Array(text.utf8)) }

  package func sendChunk(_ bytes: [UInt8]) async throws {
    guard !bytes.isEmpty else { return }
    let size = String(bytes.count, radix: 16)
    try await send(Array("\(size)\r\n".utf8) + bytes + [13, 10])
  }

  /// The last chunk: the body is complete, the connection stays open.
  package func endChunks() async throws { try await send("0\r\n\r\n") }

  /// Bytes that the kernel took so far, also of a `send` that still waits.
  package var bytesAccepted: Int { wire.outgoing.value.accepted }

  /// Returns once the kernel has taken `count` bytes since the connection opened.
  package func wait(bytesAccepted count: Int, within limit: Duration = safetyLimit) async throws {
    try await wire.wait(accepted: count, within: limit)
  }

  // MARK: Ending

  /// FIN after what was sent; the client's bytes are still read.
  package func shutdownWrite() { wire.shutdownWrite() }

  /// FIN at once; a `send` that still waits fails.
  package func close() { wire.close(.close) }

  /// RST at once.
  package func reset() { wire.close(.reset) }

  /// Suspends until the client's FIN or RST; returns when it was seen.
  @discardableResult
  package func closedByClient(within limit: Duration = safetyLimit) async throws -> ContinuousClock.Instant {
    try await wire.incoming.wait(for: "the client to close", within: limit) { incoming in
      if let hangup = incoming.hangup { return hangup.instant }
      if incoming.isComplete { throw SocketError("the script closed this connection, not the client") }
      return nil
    }
  }

  /// True once the client has sent FIN or RST.
  package var isClosedByClient: Bool { wire.incoming.value.hangup != nil }
}
