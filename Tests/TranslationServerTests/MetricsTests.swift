import EventStreamServer
import TestSupport
import Testing
import TranslationAPI
import TranslationServer

/// What the server says of itself.
@Suite(.paced, .timeLimit(.minutes(3)))
struct MetricsTests {
  /// The samples of the text, by name and labels.
  private func samples(_ hub: Hub) async throws -> [String: Double] {
    let answer = try await hub.request("GET", "/metrics")
    #expect(answer.head["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    var samples: [String: Double] = [:]
    for line in answer.body.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ")
      #expect(parts.count == 2)
      #expect(samples.updateValue(try #require(Double(parts[1])), forKey: String(parts[0])) == nil)
    }
    return samples
  }

  @Test func whatHappenedIsCounted() async throws {
    let hub = try Hub()
    let id = try await hub.submit()
    let stream = try await hub.stream("/translations/\(id)/status")
    _ = try await stream.body(until: "\n\n")
    for number in 1...3 { try await hub.publish("{\"status\":\"running\",\"progress\":0.\(number)}", id) }
    _ = try await stream.body(until: "0.3,\"job\":\"\(id)\"")
    _ = try await hub.stream("/translations/\(id)/status", lastEventID: "other-1")
    try await hub.publish(#"{"status":"pending"}"#, id)
    #expect(try await hub.request("GET", "/nothing").status == 404)
    let samples = try await samples(hub)
    let expected: [String: Double] = [
      "tserver_jobs{status=\"pending\"}": 1, "tserver_jobs{status=\"running\"}": 1, "tserver_subscribers": 2,
      "tserver_events_published_total": 5, "tserver_events_delivered_total": 5, "tserver_events_conflated_total": 0,
      "tserver_resets_total": 1, "tserver_subscriber_lag_events": 0,
      "tserver_requests_rejected_total{reason=\"conflict\"}": 1,
      "tserver_requests_rejected_total{reason=\"not_found\"}": 1,
      "tserver_delivery_latency_seconds_count": 3, "tserver_delivery_latency_seconds_bucket{le=\"+Inf\"}": 3,
    ]
    for (name, value) in expected { #expect(samples[name] == value, "\(name)") }
    #expect(samples["process_resident_memory_bytes"]! > 1e6)
    #expect(samples["process_open_fds"]! > 3)
    #expect(samples["tserver_stream_bytes_total"]! > 400)
    await hub.server.stop()
  }

  @Test func everySampleHasAHelpAndAType() async throws {
    let hub = try Hub()
    let text = try await hub.request("GET", "/metrics").body
    var types: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if line.hasPrefix("# TYPE ") { #expect(types.updateValue(words[3], forKey: words[2]) == nil) }
      guard !line.hasPrefix("#") else { continue }
      let name = words[0].prefix { $0 != "{" }
      let family = ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) }.map { name.dropLast($0.count) } ?? name
      #expect(types[family] != nil, "\(line)")
      #expect((types[family] == "counter") == name.hasSuffix("_total"))
    }
    await hub.server.stop()
  }
}
