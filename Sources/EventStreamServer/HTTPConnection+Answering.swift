internal import CMicrohttpd
internal import Glibc
internal import IOQueue
internal import Synchronization

extension HTTPConnection {
  /// The answer to a request that is refused by its head.
  func refusal(of request: HTTPRequest, _ framing: borrowing RequestFraming) -> HTTPResponse? {
    admit()
    if shard.isClosing { return refusal(.draining, .unavailable("The server is shutting down.")) }
    switch admission {
    case .granted: break
    case .full: return refusal(.connections, .unavailable("The server has as many connections as it can serve."))
    case .tooManyOfClient: return refusal(.connections, .tooManyConnections)
    }
    if !layout.isSound { return refusal(.malformed, RequestRules.unsound) }
    if let response = RequestRules.refusal(of: request, framing) { return refusal(.malformed, response) }
    if framing.codings == 0, framing.bodySize ?? .max > max(shard.configuration.maxBody, RequestBody.tolerance) {
      return refusal(.tooLarge, RequestRules.tooLarge)
    }
    // Whoever sends much is asked first whether he may.
    return framing.bodySize ?? .max > RequestBody.small ? shard.screen(request) : nil
  }

  func refusal(_ reason: Refusal, _ response: HTTPResponse) -> HTTPResponse {
    shard.counters.count(reason)
    return response
  }

  func respond(to request: HTTPRequest, with response: consuming HTTPResponse) -> Bool {
    let body: OpaquePointer?
    switch response.body {
    case .bytes(let bytes):
      phase = .responding
      // No connection outlives the listener, of which this shard may not know yet that it is about to go.
      if shard.server.draining.load(ordering: .relaxed) { response.fields["Connection"] = "close" }
      if bytes.isEmpty && response.fields.isEmpty {
        body = Self.empty
      } else {
        body = bytes.withUnsafeBytes {
          MHD_create_response_from_buffer(
            $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
      }
    case .events(let selection, let lastEventID, let retry):
      if shard.isDraining {
        return respond(to: request, with: refusal(.draining, .unavailable("The server is shutting down.")))
      }
      let cursor = selection.cursor(after: lastEventID, on: shard)
      if cursor.isAtEnd, lastEventID != nil {
        return respond(to: request, with: .noMoreEvents(instead: response))
      }
      isChunked = request.version == "HTTP/1.1"
      if handOver(cursor, retry, to: request, response) {
        shard.onAccess?(AccessRecord(request, status: response.status))
        // To libmicrohttpd it looks like a request that is not answered: it closes its descriptor.
        return false
      }
      // The stream's end is then the connection's: nothing to guess for a client, nothing left open by a drain.
      response.fields["Connection"] = "close"
      body = stream(from: cursor, to: request, retry: retry, response)
    }
    guard let body else { return false }
    defer { if body != Self.empty { MHD_destroy_response(body) } }
    for field in response.fields { MHD_add_response_header(body, field.name, field.value) }
    guard MHD_queue_response(handle, UInt32(response.status), body) == .YES else { return false }
    if case .responding = phase { armDeadline(after: shard.server.responseDeadline) }
    shard.onAccess?(AccessRecord(request, status: response.status))
    return true
  }

  /// Without bytes and fields, for every answer that is nothing but a status.
  // Nothing is added to it, and libmicrohttpd counts under a lock which connections have it, of any daemon.
  private nonisolated(unsafe) static let empty = MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)

  /// Begins a stream that goes on alone, from its head on; not if that is not wanted, or no descriptor is left for it.
  private func handOver(_ cursor: Cursor, _ retry: Duration?, to request: HTTPRequest, _ response: HTTPResponse) -> Bool
  {
    guard shard.configuration.writesDirectly, !shard.isSecure, response.status == 200, request.method != "HEAD" else {
      return false
    }
    let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard duplicate >= 0 else { return false }
    phase = .over
    let subscriber = Subscriber(
      alone: duplicate, of: client, from: cursor, retry: retry, to: response, isChunked: isChunked, of: shard)
    shard.replace(self, by: subscriber)
    subscriber.wake()
    return true
  }

  /// The body that is a stream.
  private func stream(
    from cursor: Cursor, to request: HTTPRequest, retry: Duration?, _ response: HTTPResponse
  ) -> OpaquePointer? {
    guard request.method != "HEAD" else {
      phase = .responding
      let body = MHD_create_response_from_callback(
        SSE_MHD_SIZE_UNKNOWN, 1, { _, _, _, _ in Int(MHD_CONTENT_READER_END_OF_STREAM) }, nil, nil)
      // libmicrohttpd 0.9.75 sends the last chunk of a chunked body even to a HEAD request.
      if let body { sse_mhd_unchunked(body) }
      return body
    }
    let subscriber = Subscriber(from: cursor, retry: retry, of: shard)
    subscriber.keep(to: response)
    let output = ResponseOutput(subscriber, on: self)
    subscriber.take(output)
    phase = .streaming(subscriber)
    shard.queue.watch(descriptor, for: [.peerClosed, .once], self)
    // libmicrohttpd allocates a block for each response, and uses it for HTTP/1.0 only.
    return output.makeResponse(blockSize: isChunked ? 1 : 4096)
  }

  func receivedFields() -> HTTPFields {
    var received = (fields: HTTPFields(capacity: 8), layout: layout)
    withUnsafeMutablePointer(to: &received) { received in
      _ = MHD_get_connection_values_n(
        handle, .HEADER_KIND,
        { received, _, name, nameLength, value, valueLength in
          let received = received!.assumingMemoryBound(to: (fields: HTTPFields, layout: RequestHeadLayout).self)
          if let name, let value {
            received.pointee.layout.sawField(
              name: name, nameLength: nameLength, value: value, valueLength: valueLength)
          }
          let field = String(decoding: UnsafeRawBufferPointer(start: name, count: nameLength), as: UTF8.self)
          var text = UnsafeRawBufferPointer(start: value, count: valueLength)
          // A coding with a space is none that libmicrohttpd knows: it is to be refused for that.
          if text.endsInSpace, !field.equalsIgnoringCase("Transfer-Encoding") { text = text.withoutSpaceAtEnd }
          received.pointee.fields.appendReceived(field, String(decoding: text, as: UTF8.self))
          return .YES
        }, received)
    }
    received.layout.sawAllFields(size: sse_mhd_head_size(handle))
    layout = received.layout
    return received.fields
  }
}

/// A field's value. Space behind it is no part of it (RFC 9112, 5.1), and libmicrohttpd leaves it there.
extension UnsafeRawBufferPointer {
  fileprivate var endsInSpace: Bool { last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") }

  fileprivate var withoutSpaceAtEnd: UnsafeRawBufferPointer {
    var rest = self
    while rest.endsInSpace { rest = UnsafeRawBufferPointer(rebasing: rest.dropLast()) }
    return rest
  }
}
