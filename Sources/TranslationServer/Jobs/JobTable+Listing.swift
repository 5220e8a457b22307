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
    var page: [Job] = []
    for job in all[..<position(of: cursor ?? .max)].reversed() where !job.isRemoved {
      guard ids?.contains(job.id) ?? true, statuses.isEmpty || statuses.contains(job.latest.status) else { continue }
      if page.count == limit { return (page, true) }
      page.append(job)
    }
    return (page, false)
  }

  private func position(of number: UInt64) -> Int {
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if all[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
