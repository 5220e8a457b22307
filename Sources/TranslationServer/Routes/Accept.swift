/// What a client wants to get: its Accept header, RFC 9110, section 12.5.1.
///
///     Accept(["text/html, application/json;q=0.5, */*;q=0.1"]).preferred(of: offered)
struct Accept {
  /// Its name in small letters, and how exactly that names what it matches: `*/*`, `text/*`, `text/html`.
  private struct Range {
    let name: ArraySlice<UInt8>
    let precision: Int
    let quality: Double

    func matches(_ mediaType: String) -> Bool {
      switch precision {
      case 1: true
      case 2: mediaType.utf8.starts(with: name.dropLast())
      default: mediaType.utf8.elementsEqual(name)
      }
    }
  }

  private var ranges: [Range] = []

  /// - Parameter fields: the values of all Accept fields. Without any, or with nothing in them that is a media range,
  ///   everything is acceptable. Parameters of a media type other than `q` are not looked at.
  init(_ fields: [String]) {
    for field in fields {
      let text = field.utf8.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
      Self.forEachPart(of: text[...], at: UInt8(ascii: ",")) { element in
        if let range = Self.range(element) { ranges.append(range) }
      }
    }
    if ranges.isEmpty { ranges = [Range(name: [], precision: 1, quality: 1)] }
  }

  /// The media type, of those that the server has, that the client likes best: by quality, then as who is named
  /// outright, then in the server's order. Nil if none is acceptable.
  func preferred<Offer: RawRepresentable<String>>(of offers: [Offer]) -> Offer? {
    var best: (offer: Offer, range: Range)?
    for offer in offers {
      // "Media ranges can be overridden by more specific media ranges": the most exact one decides.
      var exact: Range?
      for range in ranges where range.precision > exact?.precision ?? 0 && range.matches(offer.rawValue) {
        exact = range
      }
      guard let exact, exact.quality > 0 else { continue }
      if best.map({ (exact.quality, exact.precision) > ($0.range.quality, $0.range.precision) }) ?? true {
        best = (offer, exact)
      }
    }
    return best?.offer
  }

  /// `type/subtype;parameter=value;q=0.5`; nil if it isn't one.
  private static func range(_ element: ArraySlice<UInt8>) -> Range? {
    var name: ArraySlice<UInt8>?
    var quality: Double? = 1
    forEachPart(of: element, at: UInt8(ascii: ";")) { part in
      let part = trimmed(part)
      if name == nil {
        name = part
      } else if part.starts(with: "q=".utf8) {
        quality = Double(String(decoding: part.dropFirst(2), as: UTF8.self)).flatMap { 0...1 ~= $0 ? $0 : nil }
      }
    }
    guard let name, let quality, let precision = precision(of: name) else { return nil }
    return Range(name: name, precision: precision, quality: quality)
  }

  /// Nil if it is no media range.
  private static func precision(of name: ArraySlice<UInt8>) -> Int? {
    guard let slash = name.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    let (type, subtype) = (name[..<slash], name[(slash + 1)...])
    guard !type.isEmpty, !subtype.isEmpty, !subtype.contains(UInt8(ascii: "/")) else { return nil }
    if subtype.elementsEqual("*".utf8) { return type.elementsEqual("*".utf8) ? 1 : 2 }
    return type.elementsEqual("*".utf8) ? nil : 3
  }

  /// What lies between separators that are not within quotes.
  private static func forEachPart(
    of text: ArraySlice<UInt8>, at separator: UInt8, _ body: (ArraySlice<UInt8>) -> Void
  ) {
    var start = text.startIndex
    var isQuoted = false
    var isEscaped = false
    for index in text.indices {
      let byte = text[index]
      if isEscaped {
        isEscaped = false
      } else if isQuoted && byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if byte == separator && !isQuoted {
        body(text[start..<index])
        start = index + 1
      }
    }
    body(text[start...])
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var rest = text.drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return rest
  }
}
