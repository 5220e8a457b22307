import IOQueue
import TranslationAPI
import TranslationClient

/// What has come from other threads since the last frame was drawn.
struct TopInbox: Sendable {
  struct News: Sendable {
    var updates: [ReceivedUpdate] = []
    var translations: [Translation] = []
    var missing: Set<String> = []
    var connection: TopConnection?
    /// Also if it is back by now.
    var wasLost = false
    fileprivate var isAnnounced = false

    mutating func changed(to connection: TopConnection) {
      self.connection = connection
      if case .lost = connection { wasLost = true }
    }
  }

  private let news = Locked(News())

  /// - Returns: whether it is the first since the last `take`, and somebody is to be told.
  func put(_ change: (inout News) -> Void) -> Bool {
    news.withLock { news in
      change(&news)
      defer { news.isAnnounced = true }
      return !news.isAnnounced
    }
  }

  func take() -> News {
    news.withLock { news in
      defer { news = News() }
      return news
    }
  }
}
