public import TranslationAPI

/// A server's translations, page after page, as `TranslationService.translations` gives them.
public struct Translations: AsyncSequence, Sendable {
  public typealias Element = Translation
  public typealias Failure = TranslationError
  typealias Page = (translations: [Translation], next: String?)

  /// The page at a cursor; the first one without.
  private let fetch: @Sendable (String?) async throws(TranslationError) -> Page

  init(fetch: @escaping @Sendable (String?) async throws(TranslationError) -> Page) {
    self.fetch = fetch
  }

  /// Asks for nothing before the first `next`.
  public func makeAsyncIterator() -> Iterator { Iterator(fetch) }

  /// For one task at a time.
  public struct Iterator: AsyncIteratorProtocol {
    private let fetch: @Sendable (String?) async throws(TranslationError) -> Page
    private var page: Page = ([], nil)
    private var position = 0
    private var hasBegun = false

    fileprivate init(_ fetch: @escaping @Sendable (String?) async throws(TranslationError) -> Page) {
      self.fetch = fetch
    }

    /// The next translation; nil after the last. Fetches a page when one is used up; after an error the same page is asked
    /// for again.
    public mutating func next() async throws(TranslationError) -> Translation? {
      try await next(isolation: nil)
    }

    /// The same, for a loop in an actor's isolation.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(TranslationError) -> Translation? {
      // A page may be empty and not the last.
      while position == page.translations.count {
        guard !hasBegun || page.next != nil else { return nil }
        page = try await fetch(page.next)
        position = 0
        hasBegun = true
      }
      defer { position += 1 }
      return page.translations[position]
    }
  }
}
