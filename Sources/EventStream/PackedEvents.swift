// Events on their way to another thread.

/// Copies of events in one piece of memory, which become values with Strings where they are taken out.
///
/// A String made on one thread and freed on another costs twice as much as one that stays: the allocator sees to that.
package struct PackedEvents: Sendable {
  /// For each event its sizes, its data, its type and its id, in a row.
  private var bytes: [UInt8] = []
  /// Of the last event's id.
  private var idVersion: Int?

  /// In bytes; no type is the default, no id that of the event before.
  private struct Sizes: BitwiseCopyable {
    var data: Int
    var type: Int
    var id: Int
    static let none = -1
  }

  package init() {}

  package var isEmpty: Bool { bytes.isEmpty }
  package var byteCount: Int { bytes.count }

  package mutating func append(_ event: borrowing BorrowedEvent) {
    var sizes = Sizes(data: event.dataBytes.count, type: event.typeBytes.count, id: Sizes.none)
    let hasNewID = idVersion != event.idVersion
    if hasNewID {
      idVersion = event.idVersion
      sizes.id = event.idBytes.count
    }
    withUnsafeBytes(of: sizes) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: event.dataBytes)
    if sizes.type > 0 { bytes.append(contentsOf: event.typeBytes) }
    if hasNewID { bytes.append(contentsOf: event.idBytes) }
  }

  /// Takes all out, and expects as many again.
  package mutating func takeAll() -> PackedEvents {
    var next = PackedEvents()
    next.bytes.reserveCapacity(bytes.count)
    swap(&self, &next)
    return next
  }

  /// Hands the events out, one after the other.
  package struct Reader: Sendable {
    private let bytes: [UInt8]
    private var offset = 0
    private var id = EventID.none

    package init(_ packed: PackedEvents) {
      bytes = packed.bytes
    }

    package mutating func next() -> ServerSentEvent? {
      guard offset < bytes.count else { return nil }
      return bytes.withUnsafeBytes { bytes in
        let sizes = bytes.loadUnaligned(fromByteOffset: offset, as: Sizes.self)
        offset += MemoryLayout<Sizes>.size
        func next(_ count: Int) -> UnsafeRawBufferPointer {
          defer { offset += count }
          return bytes.slice(offset, offset + count)
        }
        let data = String(repairing: next(sizes.data))
        let type = sizes.type > 0 ? String(repairing: next(sizes.type)) : "message"
        if sizes.id != Sizes.none { id = EventID(next(sizes.id)) }
        return ServerSentEvent(unchecked: data, type: type, id: id)
      }
    }
  }
}
