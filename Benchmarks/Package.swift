// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "cispec", path: "..")],
  targets: [
    .executableTarget(
      name: "bench",
      dependencies: [
        .product(name: "XMLValidation", package: "cispec"), .product(name: "Signing", package: "cispec"),
        .product(name: "CaseLibrary", package: "cispec"), .product(name: "HTTPExchange", package: "cispec"),
        .product(name: "Replay", package: "cispec"), .product(name: "HTTPTransport", package: "cispec"),
      ],
      // What is measured is the released program, which has this allocator (decision 0004).
      linkerSettings: [.linkedLibrary("mimalloc", .when(platforms: [.linux]))])
  ],
  swiftLanguageModes: [.v6]
)
