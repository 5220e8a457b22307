internal import EventStream

/// An event without its id.
struct EventBlock {
  private let bytes: [UInt8]
  /// Where the line with the id goes: behind that of the type.
  private let idPlace: Int
  private let sendingTime: Int?

  init(_ event: ServerSentEvent, tellsSendingTime: Bool) {
    bytes = EventEncoder.encode(event)
    idPlace = event.type == "message" ? 0 : 1 + (bytes.firstIndex(of: UInt8(ascii: "\n")) ?? -1)
    sendingTime = tellsSendingTime ? SendingTime.place(in: bytes) : nil
  }

  /// - Parameter start: of the line with the id, up to the number.
  func frame(number: UInt64, after start: [UInt8]) -> (bytes: [UInt8], sendingTime: Int32) {
    var (digits, rest) = (1, number / 10)
    while rest > 0 { (digits, rest) = (digits + 1, rest / 10) }
    let line = start.count + digits + 1
    let frame = [UInt8](unsafeUninitializedCapacity: bytes.count + line) { frame, count in
      count = bytes.count + line
      let end = idPlace + line
      _ = frame[..<idPlace].initialize(fromContentsOf: bytes[..<idPlace])
      _ = frame[idPlace...].initialize(fromContentsOf: start)
      var (place, rest) = (end - 1, number)
      frame.initializeElement(at: place, to: UInt8(ascii: "\n"))
      for _ in 0..<digits {
        place -= 1
        frame.initializeElement(at: place, to: UInt8(ascii: "0") + UInt8(rest % 10))
        rest /= 10
      }
      _ = frame[end...].initialize(fromContentsOf: bytes[idPlace...])
    }
    return (frame, sendingTime.map { Int32($0 + line) } ?? -1)
  }
}
