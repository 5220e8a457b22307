internal import TranslationAPI

extension JobTable {
  /// Jobs of these statuses, or of all if there are none, the newest first.
  ///
  /// - Parameters:
  ///   - ids: only those; nil for all.
  ///   - cursor: the number of the job after which to begin.
  /// - Returns: the jobs, and whether more follow.
  func page(
    of statuses: Set<TranslationStatus>, among ids: Set<String>? = nil, before cursor: UInt64?, limit: Int
  ) -> (jobs: [Job], hasMore: Bool) {
    // A few by their ids, rather than by a walk over all.
    let chosen = ids.map { $0.compactMap(job).sorted { $0.number < $1.number } } ?? all
    var page: [Job] = []
    for job in chosen[..<Self.position(of: cursor ?? .max, in: chosen)].reversed() where !job.isRemoved {
      guard statuses.isEmpty || statuses.contains(job.latest.status) else { continue }
      if page.count == limit { return (page, true) }
      page.append(job)
    }
    return (page, false)
  }

  private static func position(of number: UInt64, in jobs: [Job]) -> Int {
    var (low, high) = (0, jobs.count)
    while low < high {
      let middle = (low + high) / 2
      if jobs[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
