/// What an event of a status stream says: the status update, and when it was sent.
package struct StatusEvent: Sendable {
  package let update: StatusUpdate

  /// When the server sent it to whoever reads it, by the server's clock, in seconds since 1970; nil if it does not say.
  package let sent: Double?

  /// The data of an event: the update's JSON, and `sent` after it.
  ///
  /// - Parameter sent: a JSON number.
  package static func json(of update: StatusUpdate, sent: String) -> String {
    JSONWriter.object {
      update.write(to: &$0)
      $0.member("sent", json: sent)
    }
  }

  /// Reads the data as `StatusUpdate` does. A `sent` that is no time counts as absent.
  package init(json: UnsafeRawBufferPointer) throws(StatusUpdate.DecodingError) {
    let members = try StatusUpdate.members(of: json)
    update = try StatusUpdate(members)
    sent = members["sent"]?.number(in: -1e12...1e12)
  }
}
