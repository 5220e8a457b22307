internal import Glibc
internal import IOQueue

/// What else happens to a connection than its requests.
extension HTTPConnection {
  /// The client of a stream has left, or half of it: a subscriber who does not want to hear from us any more says
  /// nothing else.
  func ready(_ descriptor: Int32, _ events: IOEvents) { cut() }

  var isStreaming: Bool {
    if case .streaming(let subscriber) = phase { subscriber.isStreaming } else { false }
  }

  func beat(_ number: Int) {
    if case .streaming(let subscriber) = phase { subscriber.beat(number) }
  }

  func drain() {
    switch phase {
    case .readingHead: shutDown()
    case .readingBody, .responding, .over: break
    case .streaming(let subscriber): subscriber.drain()
    }
  }

  func drain(comingBackAfter delay: Duration) {
    if case .streaming(let subscriber) = phase { subscriber.drain(comingBackAfter: delay) }
  }

  func end(ofOneOf owners: Set<ObjectIdentifier>) {
    if case .streaming(let subscriber) = phase { subscriber.end(ofOneOf: owners) }
  }

  /// Ends it whatever it does.
  func cut() {
    if case .streaming(let subscriber) = phase { subscriber.cut() } else { shutDown() }
  }

  /// libmicrohttpd sees a hang-up, closes the descriptor, and tells `closed`.
  func shutDown() {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }
}
