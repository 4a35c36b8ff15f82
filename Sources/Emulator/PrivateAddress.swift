/// Addresses that a service outside the network of their owner cannot call.
enum PrivateAddress {
  /// Whether the host of an HTTP address is `localhost` or a literal of a network that is not public (RFC 6890); names are
  /// not looked up.
  static func isOne(_ url: String) -> Bool {
    let authority = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
    let host = (authority.split(separator: "@").last ?? "").lowercased()
    if host.hasPrefix("[") { return host.hasPrefix("[::1]") || host.hasPrefix("[f") }
    let name = host.split(separator: ":").first ?? ""
    let numbers = name.split(separator: ".").map { UInt8($0) }
    guard numbers.count == 4, let first = numbers[0], let second = numbers[1] else { return name == "localhost" }
    return switch (first, second) {
    case (0, _), (10, _), (127, _), (169, 254), (172, 16...31), (192, 168): true
    default: false
    }
  }
}
