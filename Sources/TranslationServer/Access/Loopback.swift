internal import EventStreamServer

/// Whether a request comes from this very machine, for a server that has no token to ask for.
///
/// A proxy on this machine speaks for others. Most say so in a field, or pass the name on by which it was asked for; one
/// that does neither (nginx, unless it is told to) cannot be told from a program here.
enum Loopback {
  /// Nil if it does.
  static func refusal(of request: HTTPRequest) -> HTTPResponse? {
    guard request.remote.isLoopback, !request.fields.contains(where: { isOfProxy($0.name.lowercased()) }) else {
      return .problem(
        403,
        "Without a token only this machine may publish: start the server with --publish-token-file, --admin-token-file or --jwks-file, and send Authorization: Bearer."
      )
    }
    // Nor may a page of a name that was made to lead here, which is of the same origin to its browser (DNS rebinding).
    guard isLocal(request.fields["Host"] ?? "") else {
      return .problem(
        403, "Without a token one may publish only under an address of this machine: http://localhost.")
    }
    return nil
  }

  private static func isOfProxy(_ name: String) -> Bool {
    name.hasPrefix("x-forwarded-")
      || ["forwarded", "via", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip"].contains(name)
  }

  /// The value of a Host field names this machine, and no name server had a say in it.
  private static func isLocal(_ authority: String) -> Bool {
    if authority.hasPrefix("[") { return authority.hasPrefix("[::1]") }
    let host = String(authority.prefix { $0 != ":" }).lowercased()
    return host == "localhost" || host.hasSuffix(".localhost") || SocketAddress(host: host, port: 0).isLoopback
  }
}
