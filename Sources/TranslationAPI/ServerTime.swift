/// What `GET /time` answers: when the question came and when the answer left, by the server's clock.
///
/// The two inner timestamps of the four by which NTP compares clocks (RFC 5905, 8).
package struct ServerTime: Sendable, Hashable {
  /// In seconds since 1970.
  package let received: Double
  package let sent: Double

  package init(received: Double, sent: Double) {
    self.received = received
    self.sent = sent
  }

  /// `{"received":1733752895.634395,"sent":1733752895.634401}`
  package var json: String {
    JSONWriter.object {
      $0.member("received", received)
      $0.member("sent", sent)
    }
  }

  /// Nil for anything but times in the right order.
  package init?(json: [UInt8]) {
    let members = json.withUnsafeBytes { bytes in try? JSONMembers(JSONReader(bytes), depth: 0) }
    guard let received = members?["received"]?.number(in: 0...1e12), let sent = members?["sent"]?.number(in: 0...1e12),
      received <= sent
    else { return nil }
    self.init(received: received, sent: sent)
  }
}
