// swift-tools-version: 6.2
import PackageDescription

// In a package of your own, name the repository instead of the path.
let package = Package(
  name: "validate-library",
  dependencies: [.package(name: "cispec", path: "../..")],
  targets: [
    .executableTarget(
      name: "validate-library",
      dependencies: [
        .product(name: "XMLValidation", package: "cispec"), .product(name: "CaseLibrary", package: "cispec"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
