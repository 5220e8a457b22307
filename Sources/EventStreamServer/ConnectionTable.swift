/// An open connection, whoever serves it.
protocol OpenConnection: AnyObject {
  /// Where the table keeps it.
  var place: Int { get set }
  /// Whether it has a stream that nobody has told to end.
  var isStreaming: Bool { get }
  /// Cuts it if it has a request that should have been there by now.
  func checkDeadline(at time: UInt64)
  /// Sends a comment if it has a stream with nothing else to send.
  func beat()
  /// Ends a stream properly and an idle connection at once. A response on its way is left to arrive.
  func drain()
  /// Ends a stream properly, with the time after which its client is to come back.
  func drain(comingBackAfter delay: Duration)
  /// Ends a stream properly and soon if it is one of theirs.
  func end(ofOneOf owners: Set<ObjectIdentifier>)
  /// Ends it whatever it does.
  func cut()
}

/// The open connections of a shard.
struct ConnectionTable {
  private(set) var all: [any OpenConnection] = []

  mutating func insert(_ connection: any OpenConnection) {
    connection.place = all.count
    all.append(connection)
  }

  mutating func remove(_ connection: any OpenConnection) {
    let last = all.removeLast()
    if last !== connection {
      all[connection.place] = last
      last.place = connection.place
    }
  }

  /// Puts `other` where `connection` was.
  mutating func replace(_ connection: any OpenConnection, by other: any OpenConnection) {
    other.place = connection.place
    all[other.place] = other
  }
}
