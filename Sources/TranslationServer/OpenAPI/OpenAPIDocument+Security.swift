// Who may do what, where the server has been given tokens.

extension OpenAPIDocument {
  /// What an operation takes. Whoever runs the server decides whether it asks for a token at all: without any, everybody
  /// may read, and its own machine may change things.
  enum Need {
    /// Not looked at.
    case nothing
    /// Nothing either, but a token in the URL is looked at.
    case page
    case reader
    case publisher
    case admin

    /// The security requirements: one of them has to be met.
    var security: String {
      switch self {
      case .nothing: "[]"
      case .page: #"[{},{"query":[]}]"#
      case .reader: #"[{},{"bearer":[]},{"cookie":[]},{"query":[]}]"#
      case .publisher, .admin: #"[{},{"bearer":[]}]"#
      }
    }

    /// Whether the token may come with the URL.
    var takesURL: Bool {
      switch self {
      case .page, .reader: true
      case .nothing, .publisher, .admin: false
      }
    }

    /// Of a token that is not there, or not good for it.
    var errors: [Int] {
      switch self {
      case .nothing: []
      case .page, .reader, .publisher, .admin: [401, 403]
      }
    }
  }

  /// A page whose URL had the token.
  static let withoutTokenInURL = Answer(
    code: 303, description: "The token of the URL is right: a cookie has it from now on, and the URL goes without it.",
    headers: ["Location", "Set-Cookie"])

  /// What a page is sent with.
  static let pageHeaders = ["Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options"]

  /// One token, in three places: a browser's EventSource sends no header of the page's.
  static let securitySchemes = """
    {"bearer":{"type":"http","scheme":"bearer","description":"A token that the server has been given, or a JSON Web \
    Token that it has the key for."},\
    "cookie":{"type":"apiKey","in":"cookie","name":"token","description":"The same, to read. `Authorization` and \
    `access_token` count before it."},\
    "query":{"type":"apiKey","in":"query","name":"access_token","description":"The same, to read."}}
    """
}
