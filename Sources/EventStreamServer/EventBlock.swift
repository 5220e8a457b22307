internal import EventStream

/// An event without its id.
struct EventBlock {
  private let bytes: [UInt8]
  /// Where the line with the id goes: behind that of the type.
  private let idPlace: Int
  private let sendingTime: Int?

  /// - Parameter type: without a line end.
  init(type: String, data: String, tellsSendingTime: Bool) {
    bytes = EventEncoder.encode(type: type, data: data)
    idPlace = bytes.first == UInt8(ascii: "e") ? 1 + (bytes.firstIndex(of: UInt8(ascii: "\n")) ?? -1) : 0
    sendingTime = tellsSendingTime ? SendingTime.place(in: bytes, from: idPlace) : nil
  }

  /// - Parameter start: of the line with the id, up to the number.
  func frame(number: UInt64, after start: [UInt8]) -> (bytes: [UInt8], sendingTime: Int32) {
    // Ten to the power of the digits behind the first.
    var (digits, scale) = (1, UInt64(1))
    while number / scale >= 10 { (digits, scale) = (digits + 1, scale * 10) }
    let line = start.count + digits + 1
    var frame: [UInt8] = []
    frame.reserveCapacity(bytes.count + line)
    bytes.withUnsafeBufferPointer { bytes in
      frame.append(contentsOf: bytes[..<idPlace])
      frame.append(contentsOf: start)
      for _ in 0..<digits {
        frame.append(UInt8(ascii: "0") + UInt8(number / scale % 10))
        scale /= 10
      }
      frame.append(UInt8(ascii: "\n"))
      frame.append(contentsOf: bytes[idPlace...])
    }
    return (frame, sendingTime.map { Int32($0 + line) } ?? -1)
  }
}
