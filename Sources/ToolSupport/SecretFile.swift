internal import Glibc

/// A file with a secret: a token, or a key.
package struct SecretFile {
  package let bytes: [UInt8]
  /// Its mode lets every user of the machine read it.
  package let isReadableByOthers: Bool

  /// The largest one, in bytes.
  private static let limit = 1 << 20

  /// Nil if it cannot be read, or is too large to be one; `errno` says why.
  package init?(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    isReadableByOthers = fstat(descriptor, &status) == 0 && status.st_mode & S_IROTH != 0
    var bytes: [UInt8] = []
    while true {
      let count = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if count > 0 { bytes += UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
        return count
      }
      if count == 0 { break }
      if count < 0, errno != EINTR { return nil }
      guard bytes.count <= Self.limit else {
        errno = EFBIG
        return nil
      }
    }
    self.bytes = bytes
  }
}
