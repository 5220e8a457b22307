/// An open connection, whoever serves it.
protocol OpenConnection: AnyObject {
  /// Where the table keeps it.
  var place: Int { get set }
  /// Nothing is waited for of it: it has a stream of its own, and that alone.
  var isAlone: Bool { get }
  /// Whether it has a stream that nobody has told to end.
  var isStreaming: Bool { get }
  /// Cuts it if it has a request that should have been there by now.
  ///
  /// - Returns: the deadline that it still has.
  func checkDeadline(at time: UInt64) -> UInt64?
  /// Sends a comment if it has a stream that came in that part of the heartbeat's interval, and nothing else to send.
  func beat(_ number: Int)
  /// Ends a stream properly and an idle connection at once. A response on its way is left to arrive.
  func drain()
  /// Ends a stream properly, with the time after which its client is to come back.
  func drain(comingBackAfter delay: Duration)
  /// Ends a stream properly and soon if it is one of theirs.
  func end(ofOneOf owners: Set<ObjectIdentifier>)
  /// Ends it whatever it does.
  func cut()
}

/// The open connections of a shard: those that are streams and nothing else, of which there may be very many, and others.
struct ConnectionTable {
  private var streams: [any OpenConnection] = []
  private(set) var others: [any OpenConnection] = []

  var count: Int { streams.count + others.count }
  var isEmpty: Bool { count == 0 }

  /// All there are now, whatever becomes of them meanwhile.
  var all: some Sequence<any OpenConnection> { [others, streams].joined() }

  mutating func insert(_ connection: any OpenConnection) {
    if connection.isAlone { Self.insert(connection, &streams) } else { Self.insert(connection, &others) }
  }

  mutating func remove(_ connection: any OpenConnection) {
    if connection.isAlone { Self.remove(connection, &streams) } else { Self.remove(connection, &others) }
  }

  private static func insert(_ connection: any OpenConnection, _ list: inout [any OpenConnection]) {
    connection.place = list.count
    list.append(connection)
  }

  private static func remove(_ connection: any OpenConnection, _ list: inout [any OpenConnection]) {
    let last = list.removeLast()
    if last !== connection {
      list[connection.place] = last
      last.place = connection.place
    }
  }
}
