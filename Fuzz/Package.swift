// swift-tools-version: 6.2
import PackageDescription

/// Only buildable with `-sanitize=fuzzer`, which brings libFuzzer's driver: Scripts/fuzz does that.
let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "cispec", path: "..")],
  targets: [
    .systemLibrary(name: "CLibFuzzer"),
    .systemLibrary(name: "LibXML2Flags", pkgConfig: "libxml-2.0"),
    .target(name: "COracle", dependencies: ["LibXML2Flags"]),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "CLibFuzzer", "COracle",
        .product(name: "XMLValidation", package: "cispec"), .product(name: "Signing", package: "cispec"),
        .product(name: "HTTPExchange", package: "cispec"), .product(name: "CaseLibrary", package: "cispec"),
        .product(name: "Adapting", package: "cispec"), .product(name: "Recording", package: "cispec"),
        .product(name: "Emulator", package: "cispec"), .product(name: "HTTPTransport", package: "cispec"),
        .product(name: "Commands", package: "cispec"),
      ],
      swiftSettings: [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]),
  ],
  swiftLanguageModes: [.v6]
)
