/// Where a text stops being JSON, and what was expected there.
package struct JSONError: Error, Hashable, CustomStringConvertible {
  /// The byte, counted from 0; the text's length if it ends too early.
  package let position: Int

  /// `expected ':' after a key, found '}'`
  package let reason: String

  package var description: String { "\(reason), at byte \(position)" }
}
