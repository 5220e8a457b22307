internal import EventStreamServer
internal import TranslationAPI

/// One translation as the server knows it: what is to be done, how far it is, and who follows it.
///
/// Lives under the table's lock.
final class Job {
  let id: String
  let new: NewTranslation
  /// In seconds since 1970.
  let created: Double
  /// Its place among all jobs, by the order of their making.
  let number: UInt64
  let channel: EventChannel
  /// Kept for good.
  let isPinned: Bool
  var latest: StatusUpdate
  var simulation: Simulation?
  var idempotencyKey: String?
  var isRemoved = false

  init(
    id: String, _ new: NewTranslation, created: Double, number: UInt64, latest: StatusUpdate, isPinned: Bool,
    channel: EventChannel
  ) {
    self.id = id
    self.new = new
    self.created = created
    self.number = number
    self.latest = latest
    self.isPinned = isPinned
    self.channel = channel
  }

  /// The id of the event that told its latest status.
  var statusID: String { channel.latestID ?? "" }

  /// As clients see it.
  var translation: Translation {
    Translation(
      id: id, source: new.source, target: new.target, title: new.title, created: created,
      statusURL: APIPath.status(of: id), latest: latest)
  }

  /// 131 bits that nobody can guess, in letters and digits: a URL takes them as they are, and no command line takes
  /// them for an option.
  static func makeID() -> String {
    var generator = SystemRandomNumberGenerator()
    return String(decoding: (0..<22).map { _ in letters.randomElement(using: &generator)! }, as: UTF8.self)
  }

  private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
}
