internal import EventStreamServer

/// Whether a request comes from this very machine, for a server that has no token to ask for.
enum Loopback {
  /// Nil if it does.
  static func refusal(of request: HTTPRequest, _ origins: Origins) -> HTTPResponse? {
    // A proxy on this machine speaks for others.
    let proxied = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"]
      .contains { request.fields[$0] != nil }
    guard request.remote.isLoopback, !proxied else {
      return .problem(
        403,
        "Without a token only this machine may publish: start the server with --publish-token-file, or --jwks-file, and send Authorization: Bearer."
      )
    }
    // A page of a name that was made to lead here is of the same origin to its browser (DNS rebinding).
    if request.fields["Origin"] != nil, !isLocal(request.fields["Host"] ?? "") {
      return .problem(
        403, "Without a token a page may publish only under an address of this machine: http://localhost.")
    }
    return nil
  }

  /// The value of a Host field names this machine, and no name server had a say in it.
  private static func isLocal(_ authority: String) -> Bool {
    if authority.hasPrefix("[") { return authority.hasPrefix("[::1]") }
    let host = String(authority.prefix { $0 != ":" }).lowercased()
    return host == "localhost" || host.hasSuffix(".localhost") || SocketAddress(host: host, port: 0).isLoopback
  }
}
