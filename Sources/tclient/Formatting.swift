import TranslationAPI
import TranslationClient

extension ReceivedUpdate {
  /// One of many translations' updates, for a person.
  var line: String {
    "Monitoring Update: Job: \(update.job ?? ""), Status: \(status.rawValue), Timestamp: \(timestamp)"
      + details
  }

  /// How far it is, and the words that came with it.
  var details: String {
    (progress.map { ", Progress: \(($0 * 100).formatted(decimals: 0)) %" } ?? "")
      + (message.map { ", Message: \($0)" } ?? "")
  }

  /// All that is known of the update, on one line.
  var json: String {
    JSONWriter.object {
      $0.member("status", status.rawValue)
      $0.member("timestamp", timestamp)
      $0.member("progress", progress)
      $0.member("message", message)
      $0.member("job", update.job)
      $0.member("sent", sent)
      $0.member("received", received)
      $0.member("delay", delay.seconds)
      $0.member("clockOffset", clockOffset?.seconds)
      $0.member("delayError", delayError?.seconds)
    }
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension Double {
  /// With so many digits after the point, rounded.
  func formatted(decimals: Int) -> String {
    guard isFinite, abs(self) < 1e15 else { return description }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (abs(self) * scale).rounded()
    let digits = String(UInt64(scaled))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = self < 0 && scaled > 0 ? "-" : ""
    return decimals == 0 ? sign + padded : sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }
}
