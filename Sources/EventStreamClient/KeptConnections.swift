/// Knows to which origins there may be an idle connection.
///
/// libcurl 7.88 looks for one at every connection to the host, in use or not: the ten thousandth stream at all that came
/// before. Where there is none to be found it can be told not to look.
struct KeptConnections {
  /// At most so many are there: some of them may have been closed since.
  private var counts: [String: Int] = [:]

  /// A transfer has left its connection for another. `limit`: how many origins are remembered; one too many costs a look.
  mutating func add(_ origin: String, limit: Int) {
    // Of so many origins most have none left.
    if counts.count >= limit { counts = [:] }
    counts[origin, default: 0] += 1
  }

  /// - Returns: whether there may be one, which then counts as taken.
  mutating func take(_ origin: String) -> Bool {
    guard let count = counts[origin] else { return false }
    counts[origin] = count > 1 ? count - 1 : nil
    return true
  }
}
