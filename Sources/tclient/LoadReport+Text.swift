import EventStreamLoad
import TranslationAPI

extension LoadReport {
  /// For people.
  var table: String {
    var lines: [(String, String)] = []
    func add(_ name: String, _ value: String) { lines.append((name, value)) }
    add("subscribers", "\(connected) of \(subscribers)" + (stalled > 0 ? ", \(stalled) of them do not read" : ""))
    add("connects", "\(connectsPerSecond.formatted(decimals: 0)) a second")
    if let heads { add("  to the response", heads.text) }
    for (failure, count) in failures.sorted(by: { $0.value > $1.value }) { add("  failed", "\(count): \(failure)") }
    if properEnds > 0 { add("  ended properly", "\(properEnds)") }
    add("measured", "\(seconds.formatted(decimals: 1)) s")
    add(
      "deliveries",
      "\(deliveries), \(deliveriesPerSecond.formatted(decimals: 0)) a second; \(fewest) to \(most) a subscriber")
    add("  bytes", "\((bytesPerSecond / 1e6).formatted(decimals: 2)) MB a second")
    if let latencies { add("  latency", latencies.text) }
    if eventsWithoutTime > 0 { add("  without a time", "\(eventsWithoutTime)") }
    if published + refusedPublishes + failedPublishes > 0 {
      add(
        "publishes",
        "\(published), \((Double(published) / max(seconds, 1e-9)).formatted(decimals: 1)) a second; "
          + "\(refusedPublishes) refused, \(failedPublishes) connections broken")
      if let answers { add("  to the answer", answers.text) }
    }
    if let server {
      add(
        "server memory",
        "\(mebibytes(server.memoryBefore)) before, \(mebibytes(server.memoryIdle)) with subscribers "
          + "(\(bytesPerSubscriber(server).formatted(decimals: 0)) B each), \(mebibytes(server.memoryAfter)) after")
      add(
        "server CPU",
        "\((server.cpuConnecting / Double(max(connected, 1)) * 1e6).formatted(decimals: 1)) us a connect; "
          + "\(server.cpuMeasuring.formatted(decimals: 2)) s measuring"
          + (deliveries > 0
            ? ", \((server.cpuMeasuring / Double(deliveries) * 1e6).formatted(decimals: 2)) us a delivery" : ""))
    }
    if let ownCPUPerDelivery { add("own CPU", "\((ownCPUPerDelivery * 1e6).formatted(decimals: 2)) us a delivery") }
    let width = lines.map(\.0.count).max() ?? 0
    return lines.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 + "\n" }.joined()
  }

  /// For programs.
  var json: String {
    JSONWriter.object {
      $0.member("subscribers", subscribers)
      $0.member("connected", connected)
      $0.member("stalled", stalled)
      $0.member("connectSeconds", connectSeconds)
      $0.member("connectsPerSecond", connectsPerSecond)
      $0.member("response", json: heads?.json)
      $0.member("seconds", seconds)
      $0.member("deliveries", deliveries)
      $0.member("deliveriesPerSecond", deliveriesPerSecond)
      $0.member("fewestPerSubscriber", fewest)
      $0.member("mostPerSubscriber", most)
      $0.member("bytesPerSecond", bytesPerSecond)
      $0.member("latency", json: latencies?.json)
      $0.member("eventsWithoutTime", eventsWithoutTime)
      $0.member("published", published)
      $0.member("refusedPublishes", refusedPublishes)
      $0.member("failedPublishes", failedPublishes)
      $0.member("answer", json: answers?.json)
      $0.member("properEnds", properEnds)
      let failures = failures
      $0.member(
        "failures",
        json: JSONWriter.object { for (failure, count) in failures { $0.member(failure.description, count) } })
      $0.member("server", json: server.map(json))
      $0.member("ownCPU", ownCPU)
      $0.member("ownCPUPerDelivery", ownCPUPerDelivery)
    }
  }

  private func json(_ server: Server) -> String {
    JSONWriter.object {
      $0.member("memoryBefore", server.memoryBefore)
      $0.member("memoryIdle", server.memoryIdle)
      $0.member("memoryAfter", server.memoryAfter)
      $0.member("bytesPerSubscriber", bytesPerSubscriber(server))
      $0.member("cpuConnecting", server.cpuConnecting)
      $0.member("cpuPerConnect", server.cpuConnecting / Double(max(connected, 1)))
      $0.member("cpuMeasuring", server.cpuMeasuring)
      $0.member("cpuPerDelivery", deliveries > 0 ? server.cpuMeasuring / Double(deliveries) : nil)
    }
  }

  private func bytesPerSubscriber(_ server: Server) -> Double {
    Double(server.memoryIdle - server.memoryBefore) / Double(max(connected, 1))
  }

  private func mebibytes(_ bytes: Int) -> String { "\((Double(bytes) / 1_048_576).formatted(decimals: 1)) MiB" }
}

extension LoadReport.Distribution {
  fileprivate var text: String {
    func milliseconds(_ seconds: Double) -> String { (seconds * 1000).formatted(decimals: seconds < 0.1 ? 3 : 1) }
    return "p50 \(milliseconds(p50)), p90 \(milliseconds(p90)), p99 \(milliseconds(p99)), "
      + "p99.9 \(milliseconds(p999)), max \(milliseconds(max)) ms"
  }

  fileprivate var json: String {
    JSONWriter.object {
      $0.member("count", count)
      $0.member("mean", mean)
      $0.member("p50", p50)
      $0.member("p90", p90)
      $0.member("p99", p99)
      $0.member("p999", p999)
      $0.member("max", max)
    }
  }
}
