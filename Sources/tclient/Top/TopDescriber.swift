import EventStreamClient
import IOQueue
import TranslationAPI
import TranslationClient

/// Finds out languages and titles of translations of which only statuses have come: events do not carry them. One look
/// at the server's list at a time, at most one a second, whatever the number of new translations.
///
/// Safe from any thread.
final class TopDescriber: Sendable {
  private let service: TranslationService
  private let isBusy = Locked(false)

  init(_ service: TranslationService) { self.service = service }

  /// Looks for them, unless it is looking already: then nobody has to tell which they are.
  ///
  /// - Parameter then: told of those that were found, and of those that the server does not have; of neither if it could
  ///   not be asked.
  func describe(
    _ ids: @autoclosure () -> Set<String>,
    then: @escaping @Sendable (_ found: [Translation], _ missing: Set<String>) -> Void
  ) {
    let isFree = isBusy.withLock { isBusy in
      defer { isBusy = true }
      return !isBusy
    }
    guard isFree else { return }
    let ids = ids()
    Task.detached { [self] in
      var missing = ids
      var found: [Translation] = []
      do throws(TranslationError) {
        // The newest first: those that are looked for are at the beginning, but for the first time.
        for try await translation in service.translations(pageSize: min(500, max(50, ids.count))) {
          if missing.remove(translation.id) != nil { found.append(translation) }
          if missing.isEmpty { break }
        }
        then(found, missing)
      } catch {
        then(found, [])
      }
      try? await EventSource.sleep(for: .seconds(1))
      isBusy.withLock { $0 = false }
    }
  }
}
