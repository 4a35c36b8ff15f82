// swift-tools-version: 6.2
import PackageDescription

// In a package of your own, name the repository instead of the path.
let package = Package(
  name: "sign-library",
  dependencies: [.package(name: "cispec", path: "../..")],
  targets: [
    .executableTarget(
      name: "sign-library",
      dependencies: [
        .product(name: "Signing", package: "cispec"), .product(name: "HTTPExchange", package: "cispec"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
