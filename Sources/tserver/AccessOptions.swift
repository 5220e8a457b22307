import ArgumentParser
import Glibc
import ToolSupport
import TranslationServer

/// Who may ask for what. Tokens come from files: a command line is there for everybody to read.
struct AccessOptions: ParsableArguments {
  @Option(help: "A file of tokens, one a line, with which to read. (default: everybody may read)")
  var subscribeTokenFile: String?

  @Option(
    help:
      "A file of tokens with which to submit, report and cancel. (default: this machine may, unless there are admins' tokens or keys)"
  )
  var publishTokenFile: String?

  @Option(help: "A file of tokens for all of that and for /metrics. (default: none)")
  var adminTokenFile: String?

  @Option(help: "A JSON Web Key Set; tokens signed by its keys (HS256, EdDSA, ES256) are good. (default: none)")
  var jwksFile: String?

  @Option(help: "The audience that such a token has to be for. (default: none, and none may be named)")
  var jwtAudience: String?

  @Option(help: "The issuer that it has to be of. (default: any)")
  var jwtIssuer: String?

  @Option(
    help:
      "An origin whose pages may use the server; * for all, to read. May be given again. (default: the server's own)")
  var allowOrigin: [String] = []

  @Option(
    parsing: .unconditional,
    help: "Requests a second that one token may publish with; 0 for no limit. (default: 0)")
  var publishRate: Double?

  @Option(parsing: .unconditional, help: "The largest body of a request, in bytes. (default: 262144)")
  var maxBody: Int?

  func bodyLimit() throws -> Int? {
    try value(maxBody, "max-body", "a number of bytes from 1 to 16777216") { 1...16_777_216 ~= $0 }
  }

  /// Reads the files.
  func settings() throws -> Access {
    var access = Access()
    access.subscribeTokens = try tokens(subscribeTokenFile, "subscribe-token-file")
    access.publishTokens = try tokens(publishTokenFile, "publish-token-file")
    access.adminTokens = try tokens(adminTokenFile, "admin-token-file")
    if let path = try value(jwksFile, "jwks-file") {
      access.keys = try reading(path, "jwks-file", isSecret: \.hasSecrets) { bytes throws(AccessError) in
        try KeySet(json: bytes)
      }
    }
    access.audience = try value(jwtAudience, "jwt-audience")
    access.issuer = try value(jwtIssuer, "jwt-issuer")
    if access.keys == nil, access.audience != nil || access.issuer != nil {
      throw ValidationError("--jwt-audience and --jwt-issuer need --jwks-file.")
    }
    access.allowedOrigins = try origins()
    let rate = try value(publishRate, "publish-rate", "0, or from 0.001 to 1000000 requests a second") {
      $0 == 0 || 0.001...1e6 ~= $0
    }
    access.publishRate = rate.flatMap { $0 > 0 ? $0 : nil }
    return access
  }

  /// Takes the files as they are now; if one of them is not as it has to be, all stays as it was.
  func reload(for server: TranslationServer) {
    do {
      server.change(access: try settings())
    } catch {
      Output.notice("the tokens stay as they were: \(error)", of: "tserver")
    }
  }

  private func origins() throws -> [String] {
    let given = allowOrigin.isEmpty ? nil : allowOrigin.joined(separator: ",")
    let origins = try value(given, "allow-origin")?.split(separator: ",").map(String.init) ?? []
    for origin in origins where origin != "*" {
      // As browsers write it (RFC 6454, 6.2).
      guard origin.wholeMatch(of: /https?:\/\/[^\/?#@\s,]+/) != nil else {
        throw ValidationError("--allow-origin has to be like https://example.org, without a path, not '\(origin)'.")
      }
    }
    return origins
  }

  private func tokens(_ given: String?, _ name: String) throws -> [String] {
    guard let path = try value(given, name) else { return [] }
    return try reading(path, name) { bytes throws(AccessError) in
      try Access.tokens(in: String(decoding: bytes, as: UTF8.self))
    }
  }

  private func reading<Value>(
    _ path: String, _ name: String, isSecret: (Value) -> Bool = { _ in true },
    _ parse: ([UInt8]) throws(AccessError) -> Value
  ) throws -> Value {
    guard let file = SecretFile(path) else {
      throw ValidationError("--\(name): cannot read \(path): \(String(cString: strerror(errno))).")
    }
    let value: Value
    do throws(AccessError) {
      value = try parse(file.bytes)
    } catch {
      throw ValidationError("--\(name) \(path): \(error).")
    }
    if file.isReadableByOthers, isSecret(value) {
      Output.notice("every user of this machine can read \(path): chmod o-r keeps it secret.", of: "tserver")
    }
    return value
  }
}
