/// Somebody for whom streams are opened (`HTTPResponse.streamOwner`), so that they can be ended together
/// (`HTTPServer.endStreams(of:)`): the holder of a token that is not good any more, say.
public final class StreamOwner: Sendable {
  /// One like no other.
  public init() {}
}
