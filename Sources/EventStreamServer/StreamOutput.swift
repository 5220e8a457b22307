/// Where the bytes of a stream go: it fetches them from its subscriber when there are some and there is room for them.
///
/// Lives on its shard's queue.
protocol StreamOutput: AnyObject {
  /// Whether everything was sent that there was.
  var isIdle: Bool { get }
  /// Fetches and sends what there is, and ends the stream if it is over.
  func flush()
  /// Ends the stream without its last chunk: its client is gone, or does not read.
  func cut()
}
