// swift-tools-version: 6.2
import PackageDescription

// What every target is held to: Swift 6 concurrency checking, no warning, imports stay internal unless said otherwise.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "swift-status-stream",
  products: [
    .library(name: "EventStream", targets: ["EventStream"]),
    .library(name: "EventStreamClient", targets: ["EventStreamClient"]),
    .library(name: "EventStreamServer", targets: ["EventStreamServer"]),
    .library(name: "TranslationClient", targets: ["TranslationClient"]),
    .library(name: "TranslationServer", targets: ["TranslationServer"]),
    .executable(name: "tserver", targets: ["tserver"]),
    .executable(name: "tclient", targets: ["tclient"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.1.0"),
  ],
  targets: [
    // The C libraries, each behind a module map and a header of one-line shims.
    .systemLibrary(
      name: "CCurl", path: "Modules/CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    .systemLibrary(
      name: "CMicrohttpd", path: "Modules/CMicrohttpd", pkgConfig: "libmicrohttpd",
      providers: [.apt(["libmicrohttpd-dev"]), .brew(["libmicrohttpd"])]),
    .systemLibrary(
      name: "CGnuTLS", path: "Modules/CGnuTLS", pkgConfig: "gnutls",
      providers: [.apt(["libgnutls28-dev"]), .brew(["gnutls"])]),
    .systemLibrary(name: "CLinuxIO", path: "Modules/CLinuxIO"),
    .systemLibrary(name: "CByteScan", path: "Modules/CByteScan"),

    // Bytes to events and back; the queue that both engines run on.
    .target(name: "EventStream", dependencies: ["CByteScan"], swiftSettings: strict),
    .target(name: "IOQueue", dependencies: ["CLinuxIO"], swiftSettings: strict),

    // The two engines.
    .target(name: "EventStreamClient", dependencies: ["EventStream", "IOQueue", "CCurl"], swiftSettings: strict),
    .target(
      name: "EventStreamServer", dependencies: ["EventStream", "IOQueue", "CMicrohttpd", "CGnuTLS"],
      swiftSettings: strict),

    // What is said over them.
    .target(name: "TranslationAPI", dependencies: ["EventStream"], swiftSettings: strict),
    .target(
      name: "TranslationClient", dependencies: ["TranslationAPI", "EventStream", "EventStreamClient", "IOQueue"],
      swiftSettings: strict),
    .target(
      name: "TranslationServer",
      dependencies: [
        "TranslationAPI", "EventStream", "EventStreamServer", "IOQueue", "CGnuTLS",
      ], swiftSettings: strict),

    // What `tclient load` does: many raw subscribers, cheaper than what they measure.
    .target(
      name: "EventStreamLoad",
      dependencies: ["EventStream", "IOQueue", .product(name: "Histogram", package: "hdrhistogram-swift")],
      swiftSettings: strict),

    // The two tools, and what they share.
    .target(
      name: "ToolSupport",
      dependencies: [
        "IOQueue",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "tserver",
      dependencies: [
        "TranslationServer", "EventStreamServer", "IOQueue", "ToolSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "tclient",
      dependencies: [
        "TranslationClient", "TranslationAPI", "EventStreamClient", "EventStream", "EventStreamLoad", "IOQueue",
        "ToolSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),

    // A scripted peer and what else the suites share.
    .target(name: "TestSupport", path: "Tests/TestSupport", exclude: ["Certificates"], swiftSettings: strict),
    .testTarget(name: "EventStreamTests", dependencies: ["EventStream", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "IOQueueTests", dependencies: ["IOQueue", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "EventStreamClientTests", dependencies: ["EventStreamClient", "EventStream", "IOQueue", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "EventStreamServerTests", dependencies: ["EventStreamServer", "EventStream", "IOQueue", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "EventStreamLoadTests", dependencies: ["EventStreamLoad", "EventStreamServer", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "TranslationAPITests", dependencies: ["TranslationAPI", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "TranslationClientTests",
      dependencies: ["TranslationClient", "EventStreamClient", "IOQueue", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "TranslationServerTests",
      dependencies: [
        "TranslationServer", "TranslationAPI", "EventStreamServer", "TestSupport", "CGnuTLS",
      ], swiftSettings: strict),
    .testTarget(
      name: "ToolTests", dependencies: ["tclient", "ToolSupport", "TranslationClient", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "TranslationServer", "TranslationClient", "TranslationAPI", "EventStreamServer", "EventStreamClient",
        "TestSupport", "tserver", "tclient",
      ], swiftSettings: strict),
  ]
)

// What scripts/bench.sh measures with; not part of a build that users make.
if Context.environment["BENCH"] != nil {
  package.targets.append(
    .executableTarget(
      name: "bench", dependencies: ["TranslationAPI", "EventStreamClient", "EventStreamServer", "EventStream"],
      path: "scripts/bench",
      exclude: ["build.sh", "driver", "peers", "peer.py", "drain.py", "jobs.py", "slow.py"],
      swiftSettings: strict))
}
