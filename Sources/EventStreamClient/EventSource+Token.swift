extension EventSource {
  /// Has each attempt send `Authorization: Bearer` with what `token` gives for it, after `prepare` if that is set. To
  /// another origin, by a redirect, it is not sent.
  ///
  ///     source.authorize(with: { try await session.freshToken() })
  ///
  /// - Parameter token: asked before each attempt, of a stream's as of a request's: a token that has expired meanwhile is
  ///   none. What it throws counts as a failed attempt, as with `prepare`.
  public mutating func authorize(with token: @escaping @Sendable () async throws -> String) {
    let prepare = prepare
    self.prepare = { request, attempt in
      var request = try await prepare?(request, attempt) ?? request
      request.set("Authorization", "Bearer \(try await token())")
      return request
    }
  }
}
