import TestSupport
import Testing

@testable import EventStreamClient

struct ChunkedCodingTests {
  /// What is read of `body` in pieces of `size` bytes.
  private func data(in body: String, cutEvery size: Int) -> String {
    var coding = ChunkedCoding()
    var data: [UInt8] = []
    let room = UnsafeMutableRawPointer.allocate(byteCount: body.utf8.count + 1, alignment: 1)
    defer { room.deallocate() }
    Array(body.utf8).withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: size) {
        let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + size, bytes.count)])
        data += coding.data(in: piece, room: room)
      }
    }
    return String(decoding: data, as: UTF8.self)
  }

  @Test(arguments: [1, 2, 3, 5, 1000])
  func dataDoesNotDependOnWhereTheBodyIsCut(size: Int) {
    let chunks = ["a", "data: 1\n\n", String(repeating: "x", count: 300), "\r\n", "0\r\n\r\n", "end"]
    let body = chunks.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined() + "0\r\nTrailer: 1\r\n\r\n"
    #expect(data(in: body, cutEvery: size) == chunks.joined())
  }

  @Test(arguments: [1, 2, 3, 1000])
  func extensionsAndLeniencesAreRead(size: Int) {
    #expect(data(in: "00A;name=\"v\"\r\n0123456789\r\n1 \nx\n2\r\nyz\r\n0\r\n\r\n", cutEvery: size) == "0123456789xyz")
  }

  @Test(
    arguments: [
      "g\r\nabc", "\r\nabc", "-1\r\nabc", "11111111111111111\r\nabc", "3\r\nabcX3\r\nabc", "3\r\nabc\r\n\r\nabc",
    ],
    [1, 2, 1000])
  func whatIsNoChunkHasNoData(body: String, size: Int) {
    let expected = body.hasPrefix("3") ? "abc" : ""
    #expect(data(in: body, cutEvery: size) == expected)
  }

  @Test func chunkOfAnySizeIsReadAsFarAsItCame() {
    #expect(data(in: "FFFFFFFFFFFFFFFF\r\nabc", cutEvery: 2) == "abc")
  }

  @Test func dataInOnePieceIsNotCopied() {
    var coding = ChunkedCoding()
    let room = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 1)
    defer { room.deallocate() }
    let bytes = Array("3\r\nabc\r\n".utf8)
    let start = bytes.withUnsafeBytes { coding.data(in: $0, room: room).baseAddress! - $0.baseAddress! }
    #expect(start == 3)
  }
}

struct ResponseHeadTests {
  private func head(_ lines: String...) -> ResponseHead {
    var head = ResponseHead()
    for line in ["HTTP/1.1 200 OK"] + lines { _ = Array("\(line)\r\n".utf8).withUnsafeBytes { head.receive($0) } }
    return head
  }

  @Test func chunksAreKnownByTheTransferEncoding() {
    #expect(head("transfer-encoding:CHUNKED").isChunked)
    #expect(!head("Transfer-Encoding: identity").isChunked)
    #expect(!head("Content-Encoding: chunked").isChunked)
    #expect(!head().isChunked)
  }

  @Test func compressionForTheTransferIsCompression() {
    #expect(head("Transfer-Encoding: gzip, chunked").contentEncoding == "gzip")
    #expect(head("Transfer-Encoding: chunked").contentEncoding == "")
  }
}
