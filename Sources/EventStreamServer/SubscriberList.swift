/// Who follows something. Each knows its place here, so that leaving costs the same in a crowd.
struct SubscriberList {
  private var members: [(subscriber: Subscriber, slot: Int)] = []

  var isEmpty: Bool { members.isEmpty }
  var count: Int { members.count }

  /// - Parameter slot: which of the subscriber's places this one is.
  mutating func add(_ subscriber: Subscriber, slot: Int) {
    subscriber.places[slot] = members.count
    members.append((subscriber, slot))
  }

  mutating func remove(_ subscriber: Subscriber, slot: Int) {
    let place = subscriber.places[slot]
    let last = members.removeLast()
    guard place < members.count else { return }
    members[place] = last
    last.subscriber.places[last.slot] = place
  }

  /// All there are now, who may leave meanwhile.
  func forEach(_ body: (Subscriber) -> Void) {
    for member in members { body(member.subscriber) }
  }
}

/// Where a subscriber stands in each list that it is in: most often one, for which nothing is allocated.
struct Places {
  private var first = 0
  private var others: [Int]

  init(count: Int) { others = count > 1 ? Array(repeating: 0, count: count - 1) : [] }

  subscript(slot: Int) -> Int {
    get { slot == 0 ? first : others[slot - 1] }
    set { if slot == 0 { first = newValue } else { others[slot - 1] = newValue } }
  }
}
