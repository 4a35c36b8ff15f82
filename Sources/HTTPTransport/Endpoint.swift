/// Where a server listens: scheme, host and port.
public struct Endpoint: Sendable, Equatable, CustomStringConvertible {
  public enum Scheme: String, Sendable {
    case http
    case https

    var defaultPort: UInt16 { self == .http ? 80 : 443 }
  }

  public var scheme: Scheme
  /// A name or an address; an IPv6 address stands without its brackets.
  public var host: String
  public var port: UInt16

  public init(scheme: Scheme, host: String, port: UInt16) {
    self.scheme = scheme
    self.host = host
    self.port = port
  }

  /// `http://host`, `https://host:port`; a lone slash may follow, nothing else.
  public init(parsing text: String) throws(EndpointError) {
    func failure(_ reason: String) -> EndpointError { EndpointError(text: text, reason: reason) }
    guard let (scheme, rest) = Self.scheme(of: text) else { throw failure("it starts with http:// or https://") }
    let authority = rest.hasSuffix("/") ? rest.dropLast() : rest
    guard !authority.contains(where: { "/?#".contains($0) }) else {
      throw failure("nothing may follow the port: no path, query or fragment")
    }
    guard !authority.contains("@") else { throw failure("a user name has no place in it") }
    let (host, port) = Self.hostAndPort(of: authority)
    guard Self.isHost(host) else { throw failure("a host name or an address is missing or is not one") }
    self.init(scheme: scheme, host: String(host), port: scheme.defaultPort)
    guard let port else { return }
    guard port.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = UInt16(port), number > 0 else {
      throw failure("the port is a number from 1 to 65535")
    }
    self.port = number
  }

  public var description: String {
    scheme.rawValue + "://" + authority
  }

  /// Host and port as they stand in a Host field.
  public var authority: String { authorityHost + (port == scheme.defaultPort ? "" : ":\(port)") }

  /// The host as it stands in a URL.
  var authorityHost: String { host.contains(":") ? "[\(host)]" : host }

  private static func scheme(of text: String) -> (Scheme, Substring)? {
    for scheme in [Scheme.http, .https] {
      let prefix = scheme.rawValue + "://"
      if text.prefix(prefix.count).lowercased() == prefix { return (scheme, text.dropFirst(prefix.count)) }
    }
    return nil
  }

  private static func hostAndPort(of authority: Substring) -> (host: Substring, port: Substring?) {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      let host = authority[authority.index(after: authority.startIndex)..<end]
      let rest = authority[authority.index(after: end)...]
      if rest.isEmpty { return (host, nil) }
      return rest.hasPrefix(":") && host.contains(":") ? (host, rest.dropFirst()) : ("", nil)
    }
    guard let colon = authority.firstIndex(of: ":") else { return (authority, nil) }
    return (authority[..<colon], authority[authority.index(after: colon)...])
  }

  private static func isHost(_ text: Substring) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 255 else { return false }
    let isAddress = text.contains(":")
    return text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x46, 0x61...0x66, 0x2E: true
      case 0x3A: isAddress
      case 0x47...0x5A, 0x67...0x7A, 0x2D, 0x5F: !isAddress
      default: false
      }
    }
  }
}

/// A text that is no endpoint, with what is wrong with it.
public struct EndpointError: Error, Equatable, CustomStringConvertible {
  public var text: String
  public var reason: String
  public var description: String { "'\(text)' is no endpoint such as http://127.0.0.1:8080: \(reason)" }
}

extension Endpoint {
  /// Whether it is on this machine: 127.0.0.0/8, `::1` or `localhost`.
  public var isLoopback: Bool {
    let host = host.lowercased()
    if ["localhost", "::1", "[::1]"].contains(host) { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
  }
}
