import ArgumentParser
import EventStreamServer
import Glibc
import ToolSupport
import TranslationServer

/// What the server is known by.
struct TLSOptions: ParsableArguments {
  @Option(
    help: "A file of the server's certificate, and those of its authorities (PEM): it speaks https. (default: none)")
  var tlsCert: String?

  @Option(help: "A file of the certificate's key (PEM, without a passphrase). (default: none)")
  var tlsKey: String?

  /// Reads the files.
  func settings() throws -> HTTPServer.TLS? {
    switch (try value(tlsCert, "tls-cert"), try value(tlsKey, "tls-key")) {
    case (nil, nil): return nil
    case (let certificate?, let key?):
      let (certificateFile, keyFile) = (try file(certificate, "tls-cert"), try file(key, "tls-key"))
      let tls: HTTPServer.TLS
      do throws(ServerError) {
        tls = try HTTPServer.TLS(certificate: certificateFile.bytes, key: keyFile.bytes)
      } catch {
        throw ValidationError("--tls-cert \(certificate), --tls-key \(key): \(error).")
      }
      if keyFile.isReadableByOthers {
        Output.notice("every user of this machine can read \(key): chmod o-r keeps it secret.", of: "tserver")
      }
      return tls
    default: throw ValidationError("--tls-cert and --tls-key need each other.")
    }
  }

  /// Takes the files as they are now; if they are not as they have to be, all stays as it was.
  func reload(for server: TranslationServer) {
    do {
      if let tls = try settings() { server.change(tls: tls) }
    } catch {
      Output.notice("the certificate stays as it was: \(error)", of: "tserver")
    }
  }

  private func file(_ path: String, _ name: String) throws -> SecretFile {
    guard let file = SecretFile(path) else {
      throw ValidationError("--\(name): cannot read \(path): \(String(cString: strerror(errno))).")
    }
    return file
  }
}
