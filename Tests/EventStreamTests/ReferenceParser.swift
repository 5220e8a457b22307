// The standard's algorithm word for word, the slow way: decode it all, then go through it one character at a time.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

/// What the parser must agree with. It shares nothing with it but the standard library's UTF-8 decoder.
struct ReferenceParser {
  private(set) var items: [Item] = []
  private(set) var lastEventID: String
  private var data = ""
  private var eventType = ""
  private var lastEventIDBuffer: String

  /// "Streams must be decoded using the UTF-8 decode algorithm", and an unfinished line is not a line.
  init(reading bytes: [UInt8], lastEventID: String = "") {
    self.lastEventID = lastEventID
    lastEventIDBuffer = lastEventID
    var stream = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
    if stream.first == "\u{FEFF}" { stream.removeFirst() }

    var line: [Unicode.Scalar] = []
    var position = 0
    while position < stream.count {
      let character = stream[position]
      position += 1
      switch character {
      case "\r":
        if position < stream.count, stream[position] == "\n" { position += 1 }
        process(line)
        line = []
      case "\n":
        process(line)
        line = []
      default:
        line.append(character)
      }
    }
  }

  private mutating func process(_ line: [Unicode.Scalar]) {
    if line.isEmpty {
      dispatch()
    } else if line[0] == ":" {
      items.append(.comment(string(line[1...])))
    } else if let colon = line.firstIndex(of: ":") {
      var value = line[(colon + 1)...]
      if value.first == " " { value = value.dropFirst() }
      process(field: string(line[..<colon]), value: string(value))
    } else {
      process(field: string(line[...]), value: "")
    }
  }

  private mutating func process(field: String, value: String) {
    switch field {
    case "event":
      eventType = value
    case "data":
      data += value
      data.unicodeScalars.append("\n")
    case "id":
      if !value.unicodeScalars.contains("\0") { lastEventIDBuffer = value }
    case "retry":
      let isNumber = !value.isEmpty && value.unicodeScalars.allSatisfy { ("0"..."9").contains($0) }
      if isNumber { items.append(.reconnectionTime(UInt64(value) ?? .max)) }
    default:
      break
    }
  }

  private mutating func dispatch() {
    lastEventID = lastEventIDBuffer
    if data.isEmpty {
      eventType = ""
      return
    }
    data.unicodeScalars.removeLast()
    items.append(.event(type: eventType.isEmpty ? "message" : eventType, data: data, id: lastEventID))
    data = ""
    eventType = ""
  }

  private func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
