/// What an attempt makes of the head of a response.
enum HeadVerdict: Equatable {
  /// Take the body as it comes.
  case stream
  /// Keep the body, and end the transfer if it is larger than so many bytes.
  case collect(limit: Int)
  /// Nothing of the body is of use.
  case refuse
}

/// What becomes of a piece of the body.
enum ChunkVerdict {
  case taken, refused
  /// Not now: libcurl keeps the piece and reads no more until `resume`.
  case later
}

/// Whoever started a transfer. All calls come on the engine's queue; all but the last from within libcurl, where no
/// transfer may be added or removed.
protocol CurlTransferOwner: AnyObject {
  /// The connection stands, or another part of the request's body has gone out on it.
  func transferSent(_ transfer: CurlTransfer)
  func transfer(_ transfer: CurlTransfer, received head: ResponseHead) -> HeadVerdict
  func transfer(_ transfer: CurlTransfer, received chunk: UnsafeRawBufferPointer) -> ChunkVerdict
  /// The transfer is over and its connection released. Exactly one such call, unless it was removed before.
  /// There is an error unless the body came to its proper end.
  func transferEnded(_ transfer: CurlTransfer, _ error: EventSourceError?)
}
