@testable import TranslationServer

func bearer(_ token: String) -> [String: String] { ["Authorization": "Bearer \(token)"] }

extension Hub {
  /// With a token for each role.
  static func guarded(_ change: (inout Access) -> Void = { _ in }) throws -> Hub {
    try Hub { configuration in
      configuration.access.subscribeTokens = ["reader"]
      configuration.access.publishTokens = ["worker", "worker-2"]
      configuration.access.adminTokens = ["root"]
      change(&configuration.access)
    }
  }
}
