/// How a client gets to its server when not straight there.
public struct ClientRoute: Sendable, Equatable {
  /// Where to connect to in place of the endpoint's host and port; the name in certificates stays the endpoint's.
  public var connectTo: Endpoint?
  /// A file of certificates in PEM that are trusted in place of the system's.
  public var caFile: String?
  /// Whether proxies of the environment (`https_proxy`, `http_proxy`, `NO_PROXY`) are asked for a tunnel.
  public var usesProxy: Bool

  public init(connectTo: Endpoint? = nil, caFile: String? = nil, usesProxy: Bool = false) {
    self.connectTo = connectTo
    self.caFile = caFile
    self.usesProxy = usesProxy
  }
}
