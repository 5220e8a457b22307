import Glibc

/// Our side of the measurements: `bench MEASUREMENT ARGUMENT…`. Run by scripts/bench.sh and its neighbours.
@main
struct Bench {
  static func main() {
    // A server and TLS clients write to sockets whose peer may be gone.
    signal(SIGPIPE, SIG_IGN)
    Process.raiseDescriptorLimit()
    let arguments = Array(CommandLine.arguments.dropFirst())
    let text = { (index: Int) in
      guard index < arguments.count else { fatalError("\(arguments.first ?? "bench"): argument \(index) is missing") }
      return arguments[index]
    }
    let number = { (index: Int, otherwise: Int) in index < arguments.count ? Int(arguments[index])! : otherwise }

    switch arguments.first {
    case "parse": parse(text(1), file: text(2), chunk: number(3, 16_384), milliseconds: number(4, 400))
    case "events": events(text(1))
    case "sequence": sequence(text(1))
    case "fleet": fleet(text(1), number(2, 10_000), seconds: number(3, 8))
    case "cycles": cycles(text(1), number(2, 10_000))
    case "stalled": stalled(text(1))
    case "idle": idle(text(1), number(2, 10_000))
    case "hub": hub(port: number(1, 0), shards: number(2, 0))
    case "seed": seed(text(1), number(2, 1))
    case "http2":
      http2(text(1), authority: text(2), reload: text(3), restart: text(4), relay: text(5), silence: text(6))
    default: fatalError("usage: bench parse|events|sequence|fleet|cycles|stalled|idle|hub|seed|http2 …")
    }
  }
}
