internal import EventStreamServer
internal import IOQueue

/// Lets a request through to the routes, or answers it.
///
/// Any thread: signatures are looked at outside of the table's lock.
final class AccessControl: Sendable {
  /// An object: each request takes hold of it, and does not copy what is in it.
  private final class State: Sendable {
    let access: Access
    let tokens: TokenTable
    let origins: Origins

    init(_ access: Access, after last: State? = nil) {
      self.access = access
      tokens = TokenTable(access, after: last?.tokens)
      origins = Origins(access.allowedOrigins)
    }
  }

  private let state: Locked<State>
  /// Not in the state, of which each request takes a copy.
  private let rates: Locked<RateLimit<PublisherName>?>

  /// Cookies are to go no other way than they came.
  private let isSecure: Bool

  /// By TLS, if only as far as a proxy. Whoever says so without need harms nobody but himself.
  private func isSecure(_ request: HTTPRequest) -> Bool {
    isSecure || request.fields["X-Forwarded-Proto"]?.lowercased().hasPrefix("https") == true
      || request.fields["Forwarded"]?.lowercased().contains("proto=https") == true
  }

  /// - Parameter isSecure: the server speaks TLS.
  init(_ access: Access, isSecure: Bool) {
    self.isSecure = isSecure
    state = Locked(State(access))
    rates = Locked(access.publishRate.map { RateLimit(rate: $0) })
  }

  /// Takes new rules for the requests that come from now on.
  ///
  /// - Returns: whose streams may not stay open by them.
  func change(to access: Access) -> [StreamOwner] {
    let (last, next) = state.withLock { state in
      let last = state
      state = State(access, after: last)
      return (last, state)
    }
    if last.access.publishRate != access.publishRate {
      rates.withLock { $0 = access.publishRate.map { RateLimit(rate: $0) } }
    }
    return last.tokens.owners(lostIn: next.tokens)
  }

  enum Decision {
    case refused(HTTPResponse)
    case granted(Grant)
  }

  /// The answer to a request that may not do what it asks for, whatever is in its body. It counts against no rate.
  func refusal(byHead request: HTTPRequest) -> HTTPResponse? {
    guard case .refused(var response) = decision(on: request, counting: false) else { return nil }
    finish(&response, to: request, .unlimited)
    return response
  }

  /// - Parameter counting: it is one of those that a publisher may make in a second.
  func decision(on request: HTTPRequest, counting: Bool = true) -> Decision {
    let state = state.withLock { $0 }
    if let answer = state.origins.preflight(request) { return .refused(answer) }
    guard let role = Self.role(for: request) else { return .granted(.unlimited) }
    if role == .publish, let refusal = state.origins.refusal(of: request) { return .refused(refusal) }
    if Self.isOpen(role, state.access) { return .granted(role == .subscribe ? state.tokens.everybody : .unlimited) }
    if role == .publish, state.access.publishesFromLoopbackOnly {
      if let refusal = Loopback.refusal(of: request) { return .refused(refusal) }
      if counting, let refusal = count(.address(request.remote.host), state) { return .refused(refusal) }
      return .granted(.unlimited)
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
      if role == .publish, counting, let refusal = count(identity.name, state) { return .refused(refusal) }
      return .granted(identity.grant)
    }
  }

  /// What a request takes; nil if nothing. By what its method says that it does, so that a resource that is added is
  /// not left open by mistake.
  private static func role(for request: HTTPRequest) -> Role? {
    guard ["GET", "HEAD", "OPTIONS"].contains(request.method) else { return .publish }
    switch Route.at(request.path)?.route {
    case .metrics: return .admin
    case .live, .ready, .time, .description: return nil
    // A page has nothing in it but the way to ask, for a token too. One that was given with its URL is looked at.
    case .page: return hasToken(request) ? .subscribe : nil
    case .ownStatus, .status: return StatusResource.isPage(request) && !hasToken(request) ? nil : .subscribe
    case .translations, .events, .batch, .translation, nil: return .subscribe
    }
  }

  private static func hasToken(_ request: HTTPRequest) -> Bool {
    !Query(request.query).values(of: "access_token").isEmpty
  }

  private static func isOpen(_ role: Role, _ access: Access) -> Bool {
    switch role {
    case .subscribe: access.isReadingOpen
    case .publish: false
    case .admin: !access.hasTokens
    }
  }

  private func count(_ name: PublisherName, _ state: State) -> HTTPResponse? {
    let now = state.access.monotonic()
    return rates.withLock { $0?.take(name, at: now) }.map { .tooManyRequests(seconds: Int(min($0, 1e9).rounded(.up))) }
  }

  /// Puts into an answer what follows from how it was asked for.
  func finish(_ response: inout HTTPResponse, to request: HTTPRequest, _ grant: Grant) {
    let state = state.withLock { $0 }
    if case .events = response.body {
      response.streamOwner = grant.owner
      if let end = grant.expires { response.streamLimit = .seconds(min(max(end - state.access.now(), 0), 1e9)) }
    }
    if request.query != nil, let token = Query(request.query).values(of: "access_token").first {
      // "[…] SHOULD contain a Cache-Control header with the "private" option" (RFC 6750, 2.3).
      response.fields["Cache-Control"] = "private, no-store"
      if !state.access.isReadingOpen {
        response = response.withoutTokenInURL(token, of: request, isSecure: isSecure(request))
      }
    }
    state.origins.mark(&response, to: request)
  }
}

extension HTTPResponse {
  /// A page whose URL had the token: a cookie takes it, so that the page's own requests bring it and neither the address
  /// bar nor the history keeps it. No script can read it, and no other site's page make use of it.
  fileprivate func withoutTokenInURL(_ token: String, of request: HTTPRequest, isSecure: Bool) -> HTTPResponse {
    guard status == 200, fields["Content-Type"]?.hasPrefix("text/html") == true, Access.isToken(token) else {
      return self
    }
    let rest = (request.query ?? "").split(separator: "&").filter { pair in
      Query(String(pair)).values(of: "access_token").isEmpty
    }
    // Relative to the path that the client knows: a proxy may have taken a prefix off it.
    let name = request.path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    return HTTPResponse(
      status: 303,
      fields: [
        "Location": "./\(name)" + (rest.isEmpty ? "" : "?" + rest.joined(separator: "&")),
        "Set-Cookie": "token=\(token); Path=/; HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : ""),
        "Cache-Control": "private, no-store",
      ])
  }
}
