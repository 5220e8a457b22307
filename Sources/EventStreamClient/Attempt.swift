internal import IOQueue

/// One attempt at the stream: a request, the redirects it leads through, and the judgement of the answer.
///
/// Lives on the engine's queue. Its session hears of the stream's opening, of its bytes, and of exactly one end.
final class Attempt {
  private let lastEventID: String
  private let isFresh: Bool
  private unowned let session: Session
  private let engine: CurlMulti

  private var request: EventSource.Request
  private var redirects = Redirects()
  private var transfer: CurlTransfer?
  private var answer = Answer.none
  /// What there is to be waited for before an answer.
  private var awaited = EventSourceError.Wait.connection
  private var timer: IOTimer!

  /// What the response head means for the body that follows.
  private enum Answer {
    case none
    case stream
    case singleEvent
    case noContent
    case redirect(status: Int, location: String)
    /// The body is read for what it explains.
    case refusal(Response, (Response) -> EventSourceError)
  }

  /// How long the body of a refusal may take.
  private static let explanationTime: Duration = .seconds(1)

  /// - Parameter isFresh: it takes no connection that was there before.
  init(
    _ request: EventSource.Request, lastEventID: String, isFresh: Bool, for session: Session, on engine: CurlMulti
  ) {
    self.request = request
    self.lastEventID = lastEventID
    self.isFresh = isFresh
    self.session = session
    self.engine = engine
    timer = IOTimer(on: engine.io) { [unowned self] in timeIsUp() }
  }

  /// Sends the request.
  ///
  /// - Throws: what is wrong with it; then nothing was begun.
  func start() throws(EventSourceError) {
    request = try request.validated()
    send(to: try CurlURL(request.url))
  }

  /// Closes the connection; no end is reported.
  func abort() {
    timer.cancel()
    guard let transfer else { return }
    self.transfer = nil
    engine.remove(transfer)
  }

  /// Takes a stream up whose bytes were put off.
  func resume() {
    transfer?.resume()
  }

  private func send(to url: CurlURL) {
    answer = .none
    awaited = .connection
    let transfer = CurlTransfer(request, to: url, lastEventID: lastEventID, for: session.source, on: engine)
    if isFresh { transfer.connectsAfresh() }
    transfer.owner = self
    self.transfer = transfer
    engine.add(transfer)
  }

  var isOpen: Bool { if case .stream = answer { true } else { false } }

  /// Closes the connection and ends with what is known by now.
  func timeIsUp() {
    let body = transfer?.body ?? []
    abort()
    // A redirect is not followed any more.
    if case .redirect = answer { answer = .none }
    conclude(body: body, error: .timedOut(awaited))
  }

  /// The transfer is over.
  private func conclude(body: [UInt8], error: EventSourceError?, url: CurlURL? = nil) {
    switch answer {
    case .none, .stream:
      session.attemptEnded(.failed(error ?? .streamEnded))
    case .noContent:
      session.attemptEnded(.noContent)
    case .singleEvent:
      session.attemptEnded(error.map { .failed($0) } ?? .whole(body))
    case .refusal(var response, let refusal):
      response.body = String(decoding: body.prefix(Response.bodyLimit), as: UTF8.self)
      session.attemptEnded(.failed(refusal(response)))
    case .redirect(let status, let location):
      guard let url else { return }
      do throws(EventSourceError) {
        send(to: try redirects.follow(location, from: url, status: status, &request))
      } catch {
        session.attemptEnded(.failed(error))
      }
    }
  }

  enum End {
    case failed(EventSourceError)
    case noContent
    /// The response was one event's data, in whole.
    case whole([UInt8])
  }
}

extension Attempt: CurlTransferOwner {
  func transferSent(_ transfer: CurlTransfer) {
    awaited = .response
    timer.schedule(
      after: session.source.responseTimeout, tolerance: min(session.source.responseTimeout / 20, .seconds(1)))
  }

  func transfer(_ transfer: CurlTransfer, received head: ResponseHead) -> HeadVerdict {
    timer.cancel()
    var response = Response(
      status: head.status, contentType: head.contentType, url: transfer.url.withoutCredentials,
      retryAfter: head.retryAfter)
    switch (head.status, response.mediaType) {
    case (200, _) where !head.contentEncoding.isEmpty:
      // None was asked for, and compressed bytes are no events.
      response.contentType += " encoded as \(head.contentEncoding)"
      return explain(response, EventSourceError.unexpectedContentType)
    case (200, "text/event-stream"):
      answer = .stream
      return session.opened(response) ? .stream : .refuse
    case (200, let type) where session.source.singleEventTypes.contains(type):
      answer = .singleEvent
      timer.schedule(after: session.source.responseTimeout)
      return .collect(limit: max(1, session.source.maxEventBytes))
    case (200, _):
      return explain(response, EventSourceError.unexpectedContentType)
    case (204, _):
      answer = .noContent
      return .refuse
    case (301...303, _), (307...308, _):
      guard let location = head.location else { return explain(response, EventSourceError.unexpectedStatus) }
      answer = .redirect(status: head.status, location: location)
      return .refuse
    default:
      return explain(response, EventSourceError.unexpectedStatus)
    }
  }

  private func explain(_ response: Response, _ refusal: @escaping (Response) -> EventSourceError) -> HeadVerdict {
    answer = .refusal(response, refusal)
    timer.schedule(after: Self.explanationTime)
    return .collect(limit: Response.bodyLimit)
  }

  func transfer(_ transfer: CurlTransfer, received chunk: UnsafeRawBufferPointer) -> ChunkVerdict {
    guard case .stream = answer else { return .refused }
    return session.received(chunk)
  }

  func transferEnded(_ transfer: CurlTransfer, _ error: EventSourceError?) {
    timer.cancel()
    self.transfer = nil
    let error = transfer.isBodyTooLarge ? .eventTooLarge(limit: session.source.maxEventBytes) : error
    conclude(body: transfer.body, error: error, url: transfer.url)
  }
}
