internal import CCurl
internal import IOQueue

/// The process's engines, on one queue. They come up with the first stream and stay: what is idle costs nothing.
struct Engines: Sendable {
  private let shared: CurlMulti
  /// For what speaks HTTP/1.1 alone. As soon as one connection to an origin can be shared, libcurl 7.88 takes each of
  /// them for one that can, and sends requests into the midst of another's answer.
  private let serial: CurlMulti

  private static let running = Locked<Engines?>(nil)

  private init() throws(IOError) {
    let io = try IOQueue(label: "EventStreamClient")
    // libcurl.3: "The basic rule for constructing a program that uses libcurl is this: Call curl_global_init, with
    // a CURL_GLOBAL_ALL argument, immediately after the program starts"; safe beside other threads since 7.84.
    curl_global_init(Int(CURL_GLOBAL_ALL))
    shared = CurlMulti(io: io)
    serial = CurlMulti(io: io)
  }

  /// The engine that serves a transport. Any thread.
  ///
  /// - Throws: `connectionFailed` if the process has no descriptor or no thread left for it. The next call tries again.
  static func engine(for transport: EventSource.Transport) throws(EventSourceError) -> CurlMulti {
    let engines = try running.withLock { running in
      Result<Engines, IOError> { () throws(IOError) in
        if let running { return running }
        // Made with the lock held: whoever else wants them has to wait for these.
        let engines = try Engines()
        running = engines
        return engines
      }
    }.mapError { EventSourceError.connectionFailed($0.description) }.get()
    return transport.http2 ? engines.shared : engines.serial
  }

  /// Whether the caller runs on the queue.
  static var areCurrent: Bool { running.withLock { $0?.shared }?.io.isCurrent ?? false }
}
