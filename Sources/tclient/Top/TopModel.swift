import TranslationAPI
import TranslationClient

/// What `top` knows: every translation with its latest status, and how fast the updates come. Time is an argument, in
/// seconds since 1970.
struct TopModel {
  private(set) var jobs: [TopJob] = []
  private var places: [String: Int] = [:]
  private(set) var traffic = TopTraffic()
  private(set) var counts: [TranslationStatus: Int] = [:]
  /// Those that the server's list has yet to be asked for.
  private(set) var unlistedCount = 0

  /// Finished translations beyond this many are forgotten, the oldest first: a server lives longer than this memory.
  private let finishedLimit: Int

  init(finishedLimit: Int = 20_000) { self.finishedLimit = finishedLimit }

  mutating func apply(_ received: ReceivedUpdate) {
    guard let id = received.update.job else { return }
    let place = place(of: id, since: received.timestamp)
    let before = jobs[place].latest
    guard before != received.update else { return }
    if let before { counts[before.status, default: 0] -= 1 }
    counts[received.status, default: 0] += 1
    traffic.count(at: received.received)
    if let delay = jobs[place].advance(to: received) { traffic.add(delay: delay) }
    if received.status.isFinal { forgetOldest() }
  }

  /// What the server's list says besides the status; the status, too, of one that no event has told of.
  mutating func describe(_ translation: Translation) {
    let place = place(of: translation.id, since: translation.created)
    if jobs[place].isUnlisted { unlistedCount -= 1 }
    jobs[place].isUnlisted = false
    jobs[place].created = translation.created
    jobs[place].description = .init(
      languages: "\(translation.source) → \(translation.target)".inRow, title: (translation.title ?? "").inRow)
    guard jobs[place].latest == nil else { return }
    counts[translation.latest.status, default: 0] += 1
    jobs[place].latest = translation.latest
  }

  /// Their ids.
  var unlisted: Set<String> { Set(jobs.lazy.filter(\.isUnlisted).map(\.id)) }

  /// The server may have been replaced by one that does not know them: its list is to be asked for all that run.
  mutating func doubtUnfinished() {
    for index in jobs.indices where jobs[index].latest?.status.isFinal != true && !jobs[index].isUnlisted {
      jobs[index].isUnlisted = true
      unlistedCount += 1
    }
  }

  /// The server does not know them, or not any more.
  mutating func forget(_ ids: Set<String>) {
    guard !ids.isEmpty else { return }
    remove { ids.contains($0.id) }
  }

  func rowCount(matching filter: String) -> Int {
    let needle = filter.lowercased()
    return needle.isEmpty ? jobs.count : jobs.count { $0.matches(needle) }
  }

  /// Those that `filter` finds, in order.
  func rows(sortedBy key: TopSort, reversed: Bool = false, matching filter: String = "") -> [TopJob] {
    let needle = filter.lowercased()
    let found = needle.isEmpty ? jobs : jobs.filter { $0.matches(needle) }
    return found.sorted { reversed ? key.isOrdered($1, $0) : key.isOrdered($0, $1) }
  }

  private mutating func place(of id: String, since time: Double) -> Int {
    if let place = places[id] { return place }
    places[id] = jobs.count
    unlistedCount += 1
    jobs.append(TopJob(id: id, created: time))
    return jobs.count - 1
  }

  private mutating func forgetOldest() {
    let finished = TranslationStatus.allCases.filter(\.isFinal).reduce(0) { $0 + counts[$1, default: 0] }
    // A tenth at a time, so that it costs little for each.
    guard finished > finishedLimit + finishedLimit / 10 else { return }
    var ends = jobs.compactMap { $0.latest?.status.isFinal == true ? $0.latest?.timestamp : nil }
    ends.sort()
    let limit = ends[finished - finishedLimit]
    remove { job in job.latest.map { $0.status.isFinal && $0.timestamp < limit } ?? false }
  }

  private mutating func remove(where isUnwanted: (TopJob) -> Bool) {
    jobs.removeAll { job in
      guard isUnwanted(job) else { return false }
      if let status = job.status { counts[status, default: 0] -= 1 }
      if job.isUnlisted { unlistedCount -= 1 }
      return true
    }
    places = Dictionary(uniqueKeysWithValues: jobs.enumerated().map { ($1.id, $0) })
  }
}

/// What the rows are sorted by.
enum TopSort: String, CaseIterable {
  case newest, progress, state, delay

  var next: TopSort {
    let all = Self.allCases
    return all[(all.firstIndex(of: self)! + 1) % all.count]
  }

  func isOrdered(_ first: TopJob, _ second: TopJob) -> Bool {
    switch self {
    case .newest: break
    case .progress: if first.progress != second.progress { return first.progress > second.progress }
    case .state: if first.urgency != second.urgency { return first.urgency < second.urgency }
    case .delay: if first.delay != second.delay { return (first.delay ?? -.infinity) > (second.delay ?? -.infinity) }
    }
    if first.created != second.created { return first.created > second.created }
    return first.id < second.id
  }
}
