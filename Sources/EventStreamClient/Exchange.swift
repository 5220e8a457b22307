internal import IOQueue

/// One request and the whole of its answer, whatever that is; redirects are followed as a stream's are.
///
/// Lives on the engine's queue. Whoever waits for it keeps it.
// Sendable: touched on the engine's queue alone, but for its making.
final class Exchange: @unchecked Sendable {
  private let source: EventSource
  private let bodyLimit: Int
  private let deadline: Duration?
  private let isFresh: Bool
  private let engine: CurlMulti

  private var request: EventSource.Request
  private var completion: (@Sendable (Result<Answer, EventSourceError>) -> Void)?
  private var transfer: CurlTransfer?
  private var head: ResponseHead?
  private var redirects = Redirects()
  /// When it has failed at the latest, by the engine's clock.
  private var latestEnd: Duration?
  /// When the request was begun and when its answer came.
  private var (began, answered) = (UInt64(0), UInt64(0))
  private var awaited = EventSourceError.Wait.connection
  private var timer: IOTimer!

  /// - Parameters:
  ///   - deadline: when it is to have failed by the engine's clock; it has a second at least.
  ///   - isFresh: it takes no connection that was there before.
  ///   - completion: called once, on the engine's queue.
  init(
    _ request: EventSource.Request, of source: EventSource, bodyLimit: Int, by deadline: Duration?,
    isFresh: Bool, on engine: CurlMulti, completion: @escaping @Sendable (Result<Answer, EventSourceError>) -> Void
  ) {
    self.request = request
    self.source = source
    self.bodyLimit = bodyLimit
    self.deadline = deadline
    self.isFresh = isFresh
    self.engine = engine
    self.completion = completion
  }

  func start() {
    timer = IOTimer(on: engine.io) { [unowned self] in finish(.failure(.timedOut(awaited))) }
    latestEnd = deadline.map { engine.now + ReconnectionSchedule.time(from: engine.now, until: $0) }
    do throws(EventSourceError) {
      request = try request.validated()
      send(to: try CurlURL(request.url))
    } catch {
      finish(.failure(error))
    }
  }

  func cancel() { finish(.failure(.cancelled)) }

  /// Has it fail when so much time has passed, or at the latest end.
  private func limit(to time: Duration? = nil) {
    let timeLeft = latestEnd.map { $0 - engine.now }
    if let limit = [time, timeLeft].compactMap({ $0 }).min() { timer.schedule(after: limit) } else { timer.cancel() }
  }

  private func send(to url: CurlURL) {
    guard completion != nil else { return }
    head = nil
    awaited = .connection
    limit()
    let transfer = CurlTransfer(request, to: url, lastEventID: "", for: source, on: engine)
    if isFresh { transfer.connectsAfresh() }
    transfer.owner = self
    self.transfer = transfer
    began = BootTime.now
    engine.add(transfer)
  }

  private func finish(_ result: Result<Answer, EventSourceError>) {
    guard let completion else { return }
    self.completion = nil
    timer?.cancel()
    if let transfer { engine.remove(transfer) }
    transfer = nil
    completion(result)
  }
}

/// What came in answer to a request: its head, and all of its body.
package struct Answer: Sendable {
  package var response: Response
  package var body: [UInt8]
  /// Just before the request was sent and just after the answer's head had come, in nanoseconds of `BootTime`. A redirect
  /// that was followed lies before.
  package var began: UInt64
  package var answered: UInt64
}

extension Exchange: CurlTransferOwner {
  func transferSent(_ transfer: CurlTransfer) {
    awaited = .response
    limit(to: source.responseTimeout)
  }

  func transfer(_ transfer: CurlTransfer, received head: ResponseHead) -> HeadVerdict {
    self.head = head
    answered = BootTime.now
    // For the body, which is as much again.
    limit(to: source.responseTimeout)
    return .collect(limit: bodyLimit)
  }

  func transfer(_ transfer: CurlTransfer, received chunk: UnsafeRawBufferPointer) -> ChunkVerdict { .refused }

  func transferEnded(_ transfer: CurlTransfer, _ error: EventSourceError?) {
    self.transfer = nil
    guard let head else { return finish(.failure(error ?? .connectionFailed("there was no answer"))) }
    if transfer.isBodyTooLarge { return finish(.failure(.eventTooLarge(limit: bodyLimit))) }
    if let error { return finish(.failure(error)) }
    guard [301, 302, 303, 307, 308].contains(head.status), let location = head.location else {
      var response = Response(
        status: head.status, contentType: head.contentType, url: transfer.url.withoutCredentials,
        retryAfter: head.retryAfter)
      response.body = String(decoding: transfer.body.prefix(Response.bodyLimit), as: UTF8.self)
      return finish(.success(Answer(response: response, body: transfer.body, began: began, answered: answered)))
    }
    do throws(EventSourceError) {
      send(to: try redirects.follow(location, from: transfer.url, status: head.status, &request))
    } catch {
      finish(.failure(error))
    }
  }
}

extension EventSource {
  /// Sends a request and waits for the whole answer, over a kept connection if there is one, with the transport and
  /// the time limits of this source. `prepare` is asked as before a stream's attempt. Tries again by the policy, as
  /// long as its limits allow and the failure is one that the policy retries; a request that may not be sent twice (a
  /// POST without an `Idempotency-Key`, say) only if the server has refused it.
  ///
  /// - Returns: an answer with a status of 200 to 299.
  /// - Throws: `unexpectedStatus` for another; `eventTooLarge` for a body above the source's `maxEventBytes`.
  package func exchange(_ request: Request) async throws(EventSourceError) -> Answer {
    // A connection has its next request when it has answered this one: there is nothing to be shared.
    var serial = self
    serial.transport.http2 = false
    return try await serial.answer(to: request)
  }

  private func answer(to request: Request) async throws(EventSourceError) -> Answer {
    let engine = try Engines.engine(for: transport)
    var schedule = ReconnectionSchedule(reconnection, at: engine.now)
    while true {
      schedule.attemptBegan()
      let failure: EventSourceError
      do throws(EventSourceError) {
        return try await attempt(request, by: schedule, on: engine)
      } catch {
        failure = error
      }
      // What was thrown may be what `prepare` made of it.
      if Task.isCancelled { throw .cancelled }
      if case .unexpectedStatus = failure {} else if !request.isIdempotent { throw failure }
      switch schedule.next(after: failure, at: engine.now, chance: .random(in: 0..<1)) {
      case .giveUp(let error): throw error
      case .wait(let delay):
        do { try await engine.io.sleep(for: delay) } catch { throw .cancelled }
      }
    }
  }

  private func attempt(
    _ request: Request, by schedule: ReconnectionSchedule, on engine: CurlMulti
  ) async throws(EventSourceError) -> Answer {
    var request = request
    if let prepare {
      do {
        request = try await prepare(request, schedule.attempts)
      } catch {
        throw error as? EventSourceError ?? .preparationFailed("\(error)")
      }
    }
    let shared = Locked<(exchange: Exchange?, isCancelled: Bool)>((nil, false))
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Result<Answer, EventSourceError>, Never>) in
        let exchange = Exchange(
          request, of: self, bodyLimit: max(1, maxEventBytes), by: schedule.deadline,
          isFresh: schedule.needsNewConnection, on: engine
        ) { continuation.resume(returning: $0) }
        shared.withLock { $0.exchange = exchange }
        // A cancel that came before finds nothing on the queue; this finds that it came.
        engine.io.perform { shared.withLock { $0.isCancelled } ? exchange.cancel() : exchange.start() }
      }
    } onCancel: {
      shared.withLock { $0.isCancelled = true }
      engine.io.perform { shared.withLock { $0.exchange }?.cancel() }
    }
    let answer = try result.get()
    guard 200...299 ~= answer.response.status else { throw .unexpectedStatus(answer.response) }
    return answer
  }
}
