internal import EventStreamServer
internal import IOQueue
internal import TranslationAPI

/// What `/metrics` tells.
///
/// Lives under the table's lock.
final class Metrics {
  private var rejections: [String: UInt64] = [:]

  /// A request was answered with this status, from 400 up.
  func rejected(_ status: Int) {
    let reason = Problem(status: status, detail: "").title.lowercased().replacing(" ", with: "_")
    rejections[reason, default: 0] += 1
  }

  func response(_ figures: ServerFigures, _ table: JobTable) -> HTTPResponse {
    var text = PrometheusText()
    text.gauge(
      "tserver_jobs", "Translations that are kept, by status.", label: "status",
      TranslationStatus.allCases.map { ($0.rawValue, Double(table.counts[$0] ?? 0)) })
    text.gauge("tserver_jobs_limit", "Translations that may be kept.", Double(table.limits.jobs))
    text.gauge("tserver_subscribers", "Open event streams.", Double(figures.subscribers))
    text.gauge("tserver_connections", "Open connections.", Double(figures.connections))
    text.gauge(
      "tserver_subscriber_lag_events", "Events by which the subscriber furthest behind is behind.",
      Double(figures.largestLag))
    text.counter("tserver_events_published", "Status updates published.", figures.published)
    text.counter("tserver_events_delivered", "Events handed to a subscriber's connection.", figures.delivered)
    text.counter(
      "tserver_events_conflated", "Events left out for a lagging subscriber, in favour of a later one.",
      figures.conflated)
    text.counter(
      "tserver_events_replayed", "Delivered events that a subscriber who came back had missed.", figures.replayed)
    text.counter("tserver_resets", "Subscribers whose last event ID was not held any more.", figures.resets)
    text.counter("tserver_stream_bytes", "Bytes of event streams sent, without what HTTP adds.", figures.bytes)
    text.counter("tserver_requests", "Requests received.", figures.requests)
    text.counter("tserver_requests_rejected", "Requests refused, by reason.", label: "reason", reasons(figures))
    text.histogram(
      "tserver_delivery_latency_seconds", "From an event's publishing to its being handed to a connection.",
      bounds: Histogram.bounds, buckets: figures.latency.buckets, sum: figures.latency.sum)
    text.counter(
      "tserver_journal_lost_lines", "Lines that could not be written to the journal.", table.journal?.lost ?? 0)
    ProcessFigures.now.write(to: &text)
    return HTTPResponse(
      fields: ["Content-Type": PrometheusText.mediaType, "Cache-Control": "no-store"], body: Array(text.text.utf8))
  }

  private func reasons(_ figures: ServerFigures) -> [(String, UInt64)] {
    var reasons = rejections
    for reason in Refusal.allCases { reasons[reason.rawValue, default: 0] += figures.refusals[reason] ?? 0 }
    return reasons.sorted { $0.key < $1.key }
  }
}
