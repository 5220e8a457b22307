// What the code blocks of the documentation take for granted: scripts/docs.sh checks them with it.
import EventStreamServer
import TranslationClient

let server: HTTPServer = given()
let channel = server.makeChannel()

let url = "http://127.0.0.1:8000/status"
let client = TranslationClient(url: url)
let service = TranslationService(baseURL: "http://127.0.0.1:8000")
let (id, first, second, other) = ("1", "1", "2", "2")
let tokenFile = "token"

/// Nothing here is ever run.
func given<Value>() -> Value { fatalError() }

let session = Session()
struct Session: Sendable {
  func freshToken() async throws -> String { "token" }
}

func freshToken() async throws -> String { "token" }
func savedID() async throws -> String { "" }
func save(_ id: String) async throws {}
func translate(_ page: Int) async throws {}
