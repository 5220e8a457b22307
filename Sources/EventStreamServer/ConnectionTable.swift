/// The open connections of a server, and how many of them it serves.
struct ConnectionTable {
  /// Those beyond are held only as long as it takes to say 503.
  var limit = 0
  private(set) var all: [HTTPConnection] = []
  private var admitted = 0

  mutating func insert(_ connection: HTTPConnection) {
    connection.place = all.count
    all.append(connection)
  }

  mutating func remove(_ connection: HTTPConnection) {
    let last = all.removeLast()
    if last !== connection {
      all[connection.place] = last
      last.place = connection.place
    }
  }

  /// Takes one of the places for connections that are served, if there is one.
  mutating func admit() -> Bool {
    guard admitted < limit else { return false }
    admitted += 1
    return true
  }

  mutating func release() { admitted -= 1 }
}
