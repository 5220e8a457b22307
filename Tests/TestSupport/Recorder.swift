/// A list that callbacks fill and a test waits for. Any thread may call any member.
///
///     let updates = Recorder<StatusUpdate>()
///     client.monitor { updates.append($0) } onEnd: { _ in }
///     let firstTwo = try await updates.wait(count: 2)
package final class Recorder<Element: Sendable>: Sendable {
  private let elements = Watched<[Element]>([])

  package init() {}

  /// All that came so far, in the order of the calls to `append`.
  package var all: [Element] { elements.value }

  package var count: Int { elements.value.count }

  package func append(_ element: Element) {
    elements.update { $0.append(element) }
  }

  /// Returns all elements once there are `count` or more.
  @discardableResult
  package func wait(count: Int, within limit: Duration = safetyLimit) async throws -> [Element] {
    try await elements.wait(for: "\(count) elements", within: limit) { $0.count >= count ? $0 : nil }
  }

  /// Returns all elements once `predicate` holds of them. It is called under the list's lock and may only look.
  @discardableResult
  package func wait(
    until what: String = "what the test expects", within limit: Duration = safetyLimit,
    _ predicate: @escaping @Sendable ([Element]) -> Bool
  ) async throws -> [Element] {
    try await elements.wait(for: what, within: limit) { predicate($0) ? $0 : nil }
  }
}
