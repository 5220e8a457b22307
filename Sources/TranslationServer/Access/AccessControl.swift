internal import EventStreamServer
internal import IOQueue

/// Lets a request through to the routes, or answers it.
///
/// Any thread: signatures are looked at outside of the table's lock.
final class AccessControl: Sendable {
  private struct State: Sendable {
    var access: Access
    var tokens: TokenTable
    var origins: Origins
    var rates: RateLimit<PublisherName>?

    init(_ access: Access) {
      self.access = access
      tokens = TokenTable(access)
      origins = Origins(access.allowedOrigins)
      rates = access.publishRate.map { RateLimit(rate: $0) }
    }
  }

  private let state: Locked<State>

  init(_ access: Access) { state = Locked(State(access)) }

  /// Takes new rules for the requests that come from now on.
  func change(to access: Access) {
    state.withLock { state in
      let rates = state.access.publishRate == access.publishRate ? state.rates : nil
      state = State(access)
      if let rates { state.rates = rates }
    }
  }

  enum Decision {
    case refused(HTTPResponse)
    case granted(Grant)
  }

  func decision(on request: HTTPRequest) -> Decision {
    let state = state.withLock { $0 }
    if let answer = state.origins.preflight(request) { return .refused(answer) }
    guard let role = Self.role(for: request) else { return .granted(.unlimited) }
    if role == .publish, let refusal = state.origins.refusal(of: request) { return .refused(refusal) }
    if Self.isOpen(role, state.access) { return .granted(.unlimited) }
    if role == .publish, state.access.publishesFromLoopbackOnly {
      if let refusal = Loopback.refusal(of: request, state.origins) { return .refused(refusal) }
      return count(.address(request.remote.host)).map { .refused($0) } ?? .granted(.unlimited)
    }
    switch Credentials(of: request, takesURL: role == .subscribe) {
    case .none: return .refused(.unauthorized(nil))
    case .ambiguous: return .refused(.ambiguousToken)
    case .token(let token, _):
      let identity: TokenTable.Identity
      do throws(JSONWebToken.Refusal) {
        identity = try state.tokens.identity(of: token, at: state.access.now())
      } catch {
        return .refused(.unauthorized(error.reason))
      }
      guard identity.roles.contains(role) || identity.roles.contains(.admin) else {
        return .refused(.insufficientScope(role))
      }
      if role == .publish, let refusal = count(identity.name) { return .refused(refusal) }
      return .granted(identity.grant)
    }
  }

  /// What a request takes; nil if nothing. By what its method says that it does, so that a resource that is added is
  /// not left open by mistake.
  private static func role(for request: HTTPRequest) -> Role? {
    guard ["GET", "HEAD", "OPTIONS"].contains(request.method) else { return .publish }
    switch request.path {
    case "/healthz/live", "/healthz/ready": return nil
    case "/metrics": return .admin
    default: return .subscribe
    }
  }

  private static func isOpen(_ role: Role, _ access: Access) -> Bool {
    switch role {
    case .subscribe: access.isReadingOpen
    case .publish: false
    case .admin: !access.hasTokens
    }
  }

  private func count(_ name: PublisherName) -> HTTPResponse? {
    let wait = state.withLock { state in state.rates?.take(name, at: state.access.monotonic()) }
    return wait.map { .tooManyRequests(seconds: Int($0.rounded(.up))) }
  }

  /// Puts into an answer what follows from how it was asked for.
  func finish(_ response: inout HTTPResponse, to request: HTTPRequest, _ grant: Grant) {
    let state = state.withLock { $0 }
    if case .events = response.body, let end = grant.expires {
      response.streamLimit = .seconds(min(max(end - state.access.now(), 0), 1e9))
    }
    if let token = Query(request.query).values(of: "access_token").first {
      // "[…] SHOULD contain a Cache-Control header with the "private" option" (RFC 6750, 2.3).
      response.fields["Cache-Control"] = "private, no-store"
      if !state.access.isReadingOpen { response = response.withoutTokenInURL(token, of: request) }
    }
    state.origins.mark(&response, to: request)
  }
}

extension HTTPResponse {
  /// A page whose URL had the token: a cookie takes it, so that the page's own requests bring it and neither the address
  /// bar nor the history keeps it. No script can read it, and no other site's page make use of it.
  fileprivate func withoutTokenInURL(_ token: String, of request: HTTPRequest) -> HTTPResponse {
    guard status == 200, fields["Content-Type"]?.hasPrefix("text/html") == true, Access.isToken(token) else {
      return self
    }
    let rest = (request.query ?? "").split(separator: "&").filter { pair in
      Query(String(pair)).values(of: "access_token").isEmpty
    }
    return HTTPResponse(
      status: 303,
      fields: [
        "Location": request.path + (rest.isEmpty ? "" : "?" + rest.joined(separator: "&")),
        "Set-Cookie": "token=\(token); Path=/; HttpOnly; SameSite=Strict", "Cache-Control": "private, no-store",
      ])
  }
}
