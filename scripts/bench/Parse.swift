import EventStream
import Glibc

extension Bench {
  /// How fast bytes become events. `form` says what the receiver makes of an event: `strings` keeps it as a value and
  /// reads its data, `ids` reads its id too, `bytes` looks at its bytes.
  static func parse(_ form: String, file: String, chunk: Int, milliseconds: Int) {
    let stream = contents(of: file)
    var (events, characters) = (0, 0)
    var passes = 0
    let watch = Stopwatch()
    repeat {
      stream.withUnsafeBytes { bytes in
        switch form {
        case "strings":
          read(bytes, in: chunk) { item in
            switch item {
            case .event(let event):
              events += 1
              let kept = ServerSentEvent(event)
              characters += kept.data.utf8.count
            default: break
            }
          }
        case "ids":
          read(bytes, in: chunk) { item in
            switch item {
            case .event(let event):
              events += 1
              let kept = ServerSentEvent(event)
              characters += kept.data.utf8.count + kept.id.utf8.count
            default: break
            }
          }
        default:
          read(bytes, in: chunk) { item in
            switch item {
            case .event(let event):
              events += 1
              characters += event.withDataBytes { $0.count }
            default: break
            }
          }
        }
      }
      passes += 1
    } while watch.cpuSeconds * 1000 < Double(milliseconds)
    let (cpu, seconds) = (watch.cpuSeconds, watch.seconds)
    report([
      "bytes": Double(passes * stream.count), "events": Double(events), "passes": Double(passes), "cpu": cpu,
      "seconds": seconds, "characters": Double(characters),
    ])
  }

  /// One connection's worth.
  private static func read(
    _ bytes: UnsafeRawBufferPointer, in chunk: Int, _ receive: (borrowing EventStreamItem) -> Void
  ) {
    var parser = EventParser()
    var start = 0
    do {
      while start < bytes.count {
        let end = min(start + chunk, bytes.count)
        try parser.feed(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), receive)
        start = end
      }
    } catch {
      fatalError("\(error)")
    }
  }

  private static func contents(of file: String) -> [UInt8] {
    guard let handle = fopen(file, "r") else { fatalError("cannot read \(file)") }
    defer { fclose(handle) }
    fseek(handle, 0, SEEK_END)
    let size = ftell(handle)
    rewind(handle)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = fread(buffer.baseAddress, 1, size, handle)
    }
  }
}
