internal import CCurl

/// What a transfer is told before it begins.
extension CurlTransfer {
  func configure(_ request: EventSource.Request, lastEventID: String) {
    sse_easy_set_string(easy, CURLOPT_URL, url.text)
    if let body = request.body {
      sse_easy_set_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
      _ = body.withUnsafeBytes {
        sse_easy_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress ?? UnsafeRawPointer(easy))
      }
      // For what it says of the body's way out.
      sse_easy_set_long(easy, CURLOPT_NOPROGRESS, 0)
    }
    if request.method == "HEAD" {
      sse_easy_set_long(easy, CURLOPT_NOBODY, 1)
    } else if request.method != "GET" || request.body != nil {
      sse_easy_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method)
    }
    // libcurl sends any request again, a POST too, if a connection that was kept closes before a byte of the answer
    // (lib/transfer.c, Curl_retry_request, as of 7.88; https://github.com/curl/curl/pull/18417 is to make that a
    // choice). On a connection of its own there is no such retry.
    if !request.isIdempotent { connectsAfresh() }
    for line in request.headerLines(lastEventID: lastEventID) {
      headers = curl_slist_append(headers, line)
    }
    sse_easy_set_list(easy, CURLOPT_HTTPHEADER, headers)
    // Redirects are followed by the event source, which knows what may go to another origin.
    sse_easy_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    sse_easy_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    // See `ChunkedCoding`.
    isRaw = sse_easy_set_long(easy, CURLOPT_HTTP_TRANSFER_DECODING, 0) == CURLE_OK
  }

  func configure(_ transport: EventSource.Transport) {
    // CURLOPT_NOSIGNAL.3: without it libcurl changes signal handlers, which no library may in a process with threads.
    sse_easy_set_long(easy, CURLOPT_NOSIGNAL, 1)
    // A name lookup that hangs is left behind with its thread: libcurl would wait for it at the end of the transfer, and
    // all other streams with it. Versions before 8.14 do wait: they may touch what such a thread has freed
    // (https://github.com/curl/curl/pull/17320).
    if Self.leavesLookupsBehind { sse_easy_set_long(easy, CURLOPT_QUICK_EXIT, 1) }
    sse_easy_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    sse_easy_set_long(easy, CURLOPT_TCP_KEEPIDLE, 60)
    sse_easy_set_long(easy, CURLOPT_TCP_KEEPINTVL, 15)
    // An empty proxy is none, also where the environment names one.
    sse_easy_set_string(easy, CURLOPT_PROXY, transport.proxy ?? "")
    sse_easy_set_string(easy, CURLOPT_NOPROXY, "")
    // What a proxy says of its tunnel is not the server's answer.
    sse_easy_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    if let path = transport.unixSocketPath { sse_easy_set_string(easy, CURLOPT_UNIX_SOCKET_PATH, path) }
    if let path = transport.certificateAuthorities { sse_easy_set_string(easy, CURLOPT_CAINFO, path) }
    sse_easy_set_long(easy, CURLOPT_HTTP_VERSION, transport.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
    // Wait for a connection under way.
    sse_easy_set_long(easy, CURLOPT_PIPEWAIT, mayShareConnection ? 1 : 0)
    if let share = engine.share { sse_easy_set_pointer(easy, CURLOPT_SHARE, UnsafeRawPointer(share)) }
  }

  /// Before it begins: it takes no connection that was there before.
  func connectsAfresh() {
    isFresh = true
    sse_easy_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
  }

  /// Before it begins: it makes do with the smallest buffer that libcurl has.
  func readsLittleAtATime() {
    sse_easy_set_long(easy, CURLOPT_BUFFERSIZE, 1024)
  }

  private static let leavesLookupsBehind = curl_version_info(CURLVERSION_FIRST).pointee.version_num >= 0x08_0E_00
}
