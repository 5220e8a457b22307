internal import Glibc
package import Testing

/// Lets only a few tests run at a time, over all suites that carry it: `@Suite(.paced, .timeLimit(.minutes(3)))`.
///
/// Swift Testing starts all tests at once, on as many threads as there are cores. Hundreds of them then take turns, and
/// a reply that takes a millisecond comes after seconds: too late for tests of something that takes time by nature.
package struct Paced: SuiteTrait, TestTrait, TestScoping {
  /// Each test by itself, not the suite as one.
  package var isRecursive: Bool { true }

  /// TEST_WIDTH, where that is set: a sanitizer makes everything slower but time.
  private static let width = getenv("TEST_WIDTH").flatMap { Int(String(cString: $0)) } ?? 6
  private static let places = Watched(width)

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    _ = try await Self.places.wait(for: "a place to run in", within: .seconds(600)) { places -> Bool? in
      guard places > 0 else { return nil }
      places -= 1
      return true
    }
    defer { Self.places.update { $0 += 1 } }
    try await function()
  }
}

extension Trait where Self == Paced {
  package static var paced: Self { Self() }
}
