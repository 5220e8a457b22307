internal import CGnuTLS
internal import CMicrohttpd
internal import Glibc

// What libmicrohttpd calls, on the server's queue: from a C function with a context to a method of an object.

/// The start of a connection, and its end.
let connectionChanged: MHD_NotifyConnectionCallback = { context, handle, connectionContext, change in
  let shard = Unmanaged<Shard>.fromOpaque(context!).takeUnretainedValue()
  shard.pump?.wasCalled()
  if change == .CONNECTION_NOTIFY_STARTED {
    connectionContext!.pointee = Unmanaged.passRetained(HTTPConnection(handle!, of: shard)).toOpaque()
  } else {
    Unmanaged<HTTPConnection>.fromOpaque(connectionContext!.pointee!).takeRetainedValue().closed()
  }
}

/// A request line. What it returns would be the request's context, of which there is no need: a connection has one
/// request at a time.
let requestBegan:
  @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
    _, target, handle in
    let connection = HTTPConnection.of(handle)
    if let target { connection.layout.sawTarget(target) }
    connection.requestBegan(target: target.map { String(cString: $0) } ?? "")
    // libmicrohttpd 0.9.75 makes an entry for each argument of the query, in the memory of the connection, and where
    // that is full it neither answers nor closes. The text is its own, and about to be cut at the question mark anyway:
    // a query that ends there has no arguments.
    if let target, let query = strchr(target, Int32(UInt8(ascii: "?"))), query[1] != 0 { query[1] = 0 }
    return nil
  }

/// A request head, a piece of a body, or the end of the request.
let handleRequest: MHD_AccessHandlerCallback = { _, handle, _, method, version, data, size, _ in
  let piece = UnsafeRawBufferPointer(start: data, count: size?.pointee ?? 0)
  // "[It] must be set to the number of bytes NOT processed."
  size?.pointee = 0
  let connection = HTTPConnection.of(handle)
  if case .readingHead = connection.phase { connection.layout.sawLine(method: method!, version: version!) }
  let goesOn = connection.handle(method: method!, version: version!, piece: piece)
  return goesOn ? .YES : .NO
}

/// The end of a response.
let requestEnded: MHD_RequestCompletedCallback = { _, handle, _, reason in
  HTTPConnection.of(handle).requestEnded(connectionStays: reason == .REQUEST_TERMINATED_COMPLETED_OK)
}

/// A handshake. libmicrohttpd has GnuTLS's session point to its connection.
let certificateWanted: sse_gnutls_certificate_callback = { session, _, chain, count, _, _, key, _ in
  guard let handle = gnutls_session_get_ptr(session),
    let certificate = HTTPConnection.of(OpaquePointer(handle)).takeCertificate()
  else { return -1 }
  certificate.give(chain, count, key)
  return 0
}

extension HTTPConnection {
  fileprivate static func of(_ handle: OpaquePointer?) -> HTTPConnection {
    let connection = Unmanaged<HTTPConnection>.fromOpaque(sse_mhd_socket_context(handle!)!).takeUnretainedValue()
    connection.shard.pump?.wasCalled()
    return connection
  }
}
