/// What a request's fields say of how long it is and for whom, found in one pass: this is done for every request.
///
/// Not copyable: its strings would be, wherever it is handed on.
struct RequestFraming: ~Copyable {
  private(set) var lengths = 0
  private(set) var length = ""
  private(set) var codings = 0
  private(set) var coding = ""
  private(set) var hosts = 0
  private(set) var host = ""

  init(_ fields: HTTPFields) {
    for field in fields {
      switch field.name.utf8.count {
      case 4 where field.name.equalsIgnoringCase("Host"):
        hosts += 1
        host = field.value
      case 14 where field.name.equalsIgnoringCase("Content-Length"):
        lengths += 1
        length = field.value
      case 17 where field.name.equalsIgnoringCase("Transfer-Encoding"):
        codings += 1
        coding = field.value
      default: break
      }
    }
  }

  /// Whether bytes follow the head.
  var bringsBody: Bool { codings > 0 || !length.everyByte { $0 == UInt8(ascii: "0") } }

  /// How many; nil if that is not told, or no number.
  var bodySize: Int? { codings > 0 ? nil : lengths == 0 ? 0 : Int(length) }
}
