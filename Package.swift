// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is checked for memory safety and keeps no warning.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies,
    swiftSettings: [
      .treatAllWarnings(as: .error),
      .enableUpcomingFeature("ExistentialAny"),
    ])
}

func system(_ name: String, _ pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

// Lowest first; nothing imports upwards. docs/Architecture.md says what each one owns.
let package = Package(
  name: "cispec",
  products: [
    .executable(name: "cispec", targets: ["cispec"]),
    .library(name: "XMLValidation", targets: ["XMLValidation"]),
    .library(name: "Signing", targets: ["Signing"]),
    .library(name: "HTTPExchange", targets: ["HTTPExchange"]),
    .library(name: "CaseLibrary", targets: ["CaseLibrary"]),
    .library(name: "Replay", targets: ["Replay"]),
    .library(name: "HTTPTransport", targets: ["HTTPTransport"]),
    // For Fuzz, a package of its own: what these hold is no interface for others.
    .library(name: "Adapting", targets: ["Adapting"]),
    .library(name: "Recording", targets: ["Recording"]),
    .library(name: "Emulator", targets: ["Emulator"]),
    .library(name: "Commands", targets: ["Commands"]),
  ],
  targets: [
    system("CLibXML2", "libxml-2.0", apt: "libxml2-dev", brew: "libxml2"),
    system("CCrypto", "libcrypto", apt: "libssl-dev", brew: "openssl@3"),
    // Opened at run time, not linked: the first two bring some forty libraries, and most commands neither send nor
    // serve nor keep a state.
    .target(name: "CCurl"),
    .target(name: "CMicroHTTPD"),
    .target(name: "CSQLite"),

    module("Findings", []),
    module("HTTPExchange", []),
    module("XMLValidation", ["CLibXML2", "Findings"]),
    module("Signing", ["CCrypto", "HTTPExchange"]),
    module("HTTPTransport", ["CCurl", "CMicroHTTPD", "HTTPExchange"]),
    module("CaseLibrary", ["CCrypto", "Findings", "HTTPExchange", "XMLValidation"]),
    module("Replay", ["CaseLibrary", "Findings", "HTTPExchange", "Signing", "XMLValidation"]),
    module("Recording", ["CCrypto", "CaseLibrary", "Findings", "HTTPExchange", "Signing", "XMLValidation"]),
    module("Adapting", ["CaseLibrary", "Findings", "HTTPExchange", "Signing", "XMLValidation"]),
    module("Emulator", ["CCrypto", "CaseLibrary", "Findings", "HTTPExchange", "Signing", "XMLValidation"]),
    module("StateFile", ["CSQLite", "Emulator"]),
    module("WrongServers", ["CaseLibrary", "Emulator", "Findings", "HTTPExchange", "Signing", "XMLValidation"]),
    module("Reporting", ["Findings"]),
    module(
      "Commands",
      [
        "Adapting", "CaseLibrary", "Emulator", "Findings", "HTTPExchange", "HTTPTransport", "Recording", "Replay",
        "Reporting", "Signing", "StateFile", "WrongServers", "XMLValidation",
      ]),
    .executableTarget(
      name: "cispec", dependencies: ["Commands"], swiftSettings: strict,
      // An eighth of the time of many small documents went into the C library's malloc: docs/decisions/0004.
      linkerSettings: [.linkedLibrary("mimalloc", .when(platforms: [.linux], configuration: .release))]),

    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: [.treatAllWarnings(as: .error)]),
    tests("FindingsTests", ["Findings"]),
    tests("HTTPExchangeTests", ["HTTPExchange"]),
    tests("XMLValidationTests", ["Findings", "XMLValidation"]),
    tests("SigningTests", ["CCrypto", "HTTPExchange", "Signing"]),
    tests("HTTPTransportTests", ["HTTPExchange", "HTTPTransport", "TestSupport"]),
    tests("AdaptingTests", ["Adapting", "CaseLibrary", "Findings", "HTTPExchange", "Signing", "XMLValidation"]),
    tests("CaseLibraryTests", ["CaseLibrary", "XMLValidation"]),
    tests("EmulatorTests", ["Emulator", "CaseLibrary", "Signing", "XMLValidation"]),
    tests("StateFileTests", ["Emulator", "StateFile"]),
    tests("ReplayTests", ["CaseLibrary", "Findings", "HTTPExchange", "Replay", "Signing", "XMLValidation"]),
    tests("RecordingTests", ["CaseLibrary", "Findings", "HTTPExchange", "Recording", "Signing", "XMLValidation"]),
    tests("ReportingTests", ["Findings", "Reporting"]),
    tests("WrongServersTests", ["CaseLibrary", "Findings", "WrongServers"]),
    tests("CommandsTests", ["Adapting", "TestSupport", "cispec"]),
  ],
  swiftLanguageModes: [.v6]
)
