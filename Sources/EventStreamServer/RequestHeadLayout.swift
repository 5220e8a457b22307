internal import CMicrohttpd
internal import Glibc

/// What libmicrohttpd 0.9.75 lets pass in a request head without a word, known by where its strings lie. The first head of
/// a connection was looked at before (`RequestHead`), where it fits; this is for the others.
///
/// It takes a bare LF for the end of a line, ends a string at a NUL, folds lines and skips spaces, and shows the result
/// alone. But it cuts the head where it lies: a NUL in place of each separator, so that each string begins at a known
/// distance from the end of the one before. Any other distance means that something else was sent there.
///
/// Versions from 1.0 on refuse all of it themselves where they are told to be strict,
/// and lay strings out as they like: nothing is looked at in any other version.
struct RequestHeadLayout {
  /// Whether it is looked at; libmicrohttpd is told to be strict where it isn't.
  static let isKnown = String(cString: MHD_get_version()) == "0.9.75"

  /// Where the next string has to begin.
  private var next: UnsafePointer<CChar>?
  private(set) var isSound = true

  /// The target as it was sent, before it is unescaped in place.
  mutating func sawTarget(_ target: UnsafePointer<CChar>) {
    isSound = true
    next = Self.isKnown ? target + strlen(target) + 1 : nil
    self.target = target
  }
  private var target: UnsafePointer<CChar>?
  private var method: UnsafePointer<CChar>?

  mutating func sawLine(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>) {
    guard let next, let target else { return }
    if method + strlen(method) + 1 != target || next != version { isSound = false }
    self.next = version + strlen(version) + 2
    self.method = method
  }

  mutating func sawField(name: UnsafePointer<CChar>, nameLength: Int, value: UnsafePointer<CChar>, valueLength: Int) {
    guard let next else { return }
    if next != name || value < name + nameLength + 1 { isSound = false }
    self.next = value + valueLength + 2
  }

  /// After the last field: the line end that follows it is two bytes, and so is the empty line, which ends the head.
  ///
  /// - Parameter size: the head's, from the method on.
  mutating func sawAllFields(size: Int) {
    if let next, let method, next + 2 != method + size { isSound = false }
    next = nil
    target = nil
    method = nil
  }
}
