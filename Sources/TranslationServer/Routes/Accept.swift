/// What a client wants to get: its Accept header, RFC 9110, section 12.5.1.
///
///     Accept(["text/html, application/json;q=0.5, */*;q=0.1"]).preferred(of: offered)
struct Accept {
  private struct Range {
    var type: Substring
    var subtype: Substring
    var quality: Double

    /// How exactly it names what it matches: not at all, `*/*`, `text/*`, `text/html`.
    func precision(for mediaType: String) -> Int {
      let name = mediaType.split(separator: "/")
      if type == "*" { return 1 }
      guard type == name[0] else { return 0 }
      return subtype == "*" ? 2 : subtype == name[1] ? 3 : 0
    }
  }

  private let ranges: [Range]

  /// - Parameter fields: the values of all Accept fields. Without any, or with nothing in them that is a media range,
  ///   everything is acceptable. Parameters of a media type other than `q` are not looked at.
  init(_ fields: [String]) {
    let ranges = fields.flatMap { Self.split($0[...], at: ",") }.compactMap(Self.range)
    self.ranges = ranges.isEmpty ? [Range(type: "*", subtype: "*", quality: 1)] : ranges
  }

  /// The media type, of those that the server has, that the client likes best: by quality, then as who is named
  /// outright, then in the server's order. Nil if none is acceptable.
  func preferred<Offer: RawRepresentable<String>>(of offers: [Offer]) -> Offer? {
    var best: (offer: Offer, quality: Double, precision: Int)?
    for offer in offers {
      // "Media ranges can be overridden by more specific media ranges": the most exact one decides.
      let matches = ranges.map { ($0, $0.precision(for: offer.rawValue)) }.filter { $0.1 > 0 }
      guard let (range, precision) = matches.max(by: { $0.1 < $1.1 }), range.quality > 0 else { continue }
      if best.map({ (range.quality, precision) > ($0.quality, $0.precision) }) ?? true {
        best = (offer, range.quality, precision)
      }
    }
    return best?.offer
  }

  /// `type/subtype;parameter=value;q=0.5`; nil if it isn't one.
  private static func range(_ element: Substring) -> Range? {
    let parts = split(element, at: ";").map { $0.trimmed }
    let name = parts[0].lowercased().split(separator: "/", omittingEmptySubsequences: false)
    guard name.count == 2, !name[0].isEmpty, !name[1].isEmpty, name[0] != "*" || name[1] == "*" else { return nil }
    var quality = 1.0
    for parameter in parts.dropFirst() where parameter.lowercased().hasPrefix("q=") {
      guard let value = Double(parameter.dropFirst(2)), 0...1 ~= value else { return nil }
      quality = value
    }
    return Range(type: name[0], subtype: name[1], quality: quality)
  }

  /// Splits at a separator that is not within quotes.
  private static func split(_ text: Substring, at separator: Character) -> [Substring] {
    var isQuoted = false
    var isEscaped = false
    return text.split(omittingEmptySubsequences: false) { character in
      if isEscaped {
        isEscaped = false
      } else if isQuoted && character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        isQuoted.toggle()
      }
      return character == separator && !isQuoted
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var rest = self
    while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
    while rest.last == " " || rest.last == "\t" { rest.removeLast() }
    return rest
  }
}
