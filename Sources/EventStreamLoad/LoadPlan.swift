/// What a load is made of.
///
/// `{n}` in a URL, and in a publisher's body, stands for the topic: a subscriber's number, from 0, modulo `topics`.
package struct LoadPlan: Sendable {
  /// `http://` only.
  package var url: String
  package var subscribers = 1000
  /// Nil: each subscriber has its own.
  package var topics: Int?
  /// Header fields of each subscriber's request.
  package var fields: [HeaderField] = []
  /// Subscribers that may be connecting, or waiting for a response, at a time.
  package var connecting = 128
  /// Over how long connects are spread; zero for as fast as `connecting` lets them.
  package var ramp: Duration = .zero
  /// Between the last connect and the measurement.
  package var settle: Duration = .seconds(1)
  /// Of the measurement.
  package var duration: Duration = .seconds(10)
  /// A subscriber that has no response by then has failed.
  package var patience: Duration = .seconds(60)
  /// The member of an event's data, a JSON object, that tells when it came about, in seconds since 1970. Data that is a
  /// number by itself is taken for that.
  package var timestampKey = "timestamp"
  /// The first so many subscribers read nothing after the head of the response.
  package var stalled = 0
  package var publisher: PublisherPlan?
  /// Whose CPU time and memory are measured, with their children's.
  package var serverProcesses: [Int32] = []

  package init(url: String) { self.url = url }
}

/// Who makes events while subscribers wait for them.
///
/// The n-th event goes to topic n, modulo the number of topics. `{time}` in the body stands for the seconds since 1970 at
/// which it was to be sent, `{sequence}` for n.
package struct PublisherPlan: Sendable {
  package var url: String
  package var method = "POST"
  package var body = #"{"timestamp":{time}}"#
  package var fields: [HeaderField] = []
  package var pace = Pace.window(1)
  /// Events that are published at the most. When they have all arrived, the measurement ends.
  package var limit = Int.max
  /// Connections, each with one request at a time.
  package var connections = 1

  package enum Pace: Sendable, Hashable {
    /// So many a second, whatever the server does. Times count from when an event was to be sent, so that a server that
    /// stops to answer does not stop the clock.
    case rate(Double)
    /// So many that have not reached all of their subscribers; a later event of the same topic stands for the earlier.
    case window(Int)
  }

  package init(url: String) { self.url = url }
}

package struct HeaderField: Sendable, Hashable {
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// Why a load cannot begin.
package struct LoadError: Error, CustomStringConvertible {
  package let description: String
  /// It is the plan that is wrong, and not what was found.
  package let isWrongPlan: Bool

  init(_ description: String, isWrongPlan: Bool = false) {
    self.description = description
    self.isWrongPlan = isWrongPlan
  }
}
