import Foundation

/// The files of one of the certificates that `Certificates/make.sh` makes.
package struct Certificate: Sendable {
  /// The certificate's, PEM.
  package let path: String
  /// Its key's.
  package let keyPath: String

  package init(_ name: String) {
    let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Certificates"
    path = "\(directory)/\(name).pem"
    keyPath = "\(directory)/\(name).key.pem"
  }

  package var bytes: [UInt8] { get throws { try Self.read(path) } }
  package var key: [UInt8] { get throws { try Self.read(keyPath) } }

  private static func read(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Has signed all others but `alone`.
  package static let authority = Certificate("authority")
  /// For localhost and 127.0.0.1.
  package static let server = Certificate("server")
  /// The same with another key.
  package static let renewed = Certificate("renewed")
  /// For another name.
  package static let elsewhere = Certificate("elsewhere")
  package static let expired = Certificate("expired")
  package static let early = Certificate("early")
  /// Signed by itself.
  package static let alone = Certificate("alone")
}
